/** Style sheets are imported for their effect, as in the views themselves. */
declare module "*.css" {}
