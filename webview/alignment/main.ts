/** Entry of the alignment view's page. */
import "./alignment.css";
import { openAlignmentView } from "./view.ts";

openAlignmentView();
