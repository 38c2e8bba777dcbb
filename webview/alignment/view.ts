/**
 * The alignment view: how tokenizers cut the same text, and what answers for what. Here its parts are put together
 * and one thing is chosen for all of them; what is asked stands in session.ts, what is drawn in the parts.
 */
import type {
  AlignmentAsks,
  AlignmentEvents,
  AlignmentShow,
  MatrixLayer,
} from "../../src/protocol/alignmentView.ts";
import { matrixLayers } from "../../src/protocol/alignmentView.ts";
import type { CommonEvents } from "../../src/protocol/views.ts";
import { type Frame, makeFrame, sentenceOf } from "../shared/frame.ts";
import { connectToHost, viewState } from "../shared/host.ts";
import { installKeys } from "../shared/keys.ts";
import { observeTheme, readTheme } from "../shared/theme.ts";
import { type Pair, pairOfLetter } from "./alignedText.ts";
import { AlignmentSession } from "./session.ts";
