/** The version of this build, put in by the bundler. */
declare const FUSELAB_VERSION: string;

export const version: string =
  typeof FUSELAB_VERSION === "string" ? FUSELAB_VERSION : "development";
