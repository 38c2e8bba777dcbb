/** Style sheets are imported for their effect: the bundler puts them into the view's own file. */
declare module "*.css" {}
