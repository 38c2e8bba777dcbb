/**
 * Buttons, boxes and lists as the editor draws them: the one file that knows @vscode/webview-ui-toolkit. Its
 * styles are adopted style sheets, which a strict content policy lets through. Every control is made with its
 * label; one that cannot be used says why and stays reachable. What the toolkit has not (a slider) is the browser's own.
 */
import {
  type Checkbox,
  type Dropdown,
  provideVSCodeDesignSystem,
  type TextField,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeLink,
  vsCodeOption,
  vsCodeProgressRing,
  vsCodeTextField,
} from "@vscode/webview-ui-toolkit";
import { freshId, make } from "./shared/dom.ts";

provideVSCodeDesignSystem().register(
  vsCodeButton(),
  vsCodeCheckbox(),
  vsCodeDropdown(),
  vsCodeLink(),
  vsCodeOption(),
  vsCodeProgressRing(),
  vsCodeTextField(),
);

export interface Control<Value> {
  readonly element: HTMLElement;
  /** Setting it tells nobody. */
  value: Value;
  /** With the reason why it cannot be used here; `null`: it can. */
  disable(reason: string | null): void;
}

export interface ButtonOptions {
  readonly label: string;
  readonly onPress: () => void;
  /** `icon`: quiet, without a frame; `content` is what is seen. */
  readonly look?: "primary" | "secondary" | "icon";
  readonly content?: Node | string;
  readonly title?: string;
  /** Why it cannot be pressed. */
  readonly disabled?: string;
}

export function button({
  label,
  onPress,
  look = "secondary",
  content,
  title,
  disabled,
}: ButtonOptions): HTMLElement {
  const element = document.createElement("vscode-button");
  element.setAttribute("aria-label", label);
  element.setAttribute("appearance", look);
  element.append(content ?? label);
  const tip = disabled ?? title ?? (content === undefined ? undefined : label);
  if (tip !== undefined) element.title = tip;
  if (disabled !== undefined) element.setAttribute("disabled", "");
  element.addEventListener("click", () => {
    if (disabled === undefined) onPress();
  });
  return element;
}

export function link({
  label,
  onPress,
}: {
  readonly label: string;
  readonly onPress: () => void;
}): HTMLElement {
  const element = document.createElement("vscode-link");
  element.setAttribute("href", "#");
  element.append(label);
  element.addEventListener("click", (event) => {
    event.preventDefault();
    onPress();
  });
  return element;
}

export function checkbox({
  label,
  checked,
  onChange,
}: {
  readonly label: string;
  readonly checked: boolean;
  readonly onChange: (checked: boolean) => void;
}): Control<boolean> {
  const element = document.createElement("vscode-checkbox") as Checkbox;
  element.append(label);
  element.checked = checked;
  // Its own change event also comes where the value is set from here.
  let value = checked;
  element.addEventListener("change", () => {
    if (element.checked === value) return;
    value = element.checked;
    onChange(value);
  });
  return {
    element,
    get value() {
      return value;
    },
    set value(wanted) {
      value = wanted;
      element.checked = wanted;
    },
    disable: (reason) => disable(element, reason),
  };
}

export interface DropdownOption {
  readonly value: string;
  readonly label: string;
  /** Why it cannot be chosen. */
  readonly disabled?: string;
}

export function dropdown({
  label,
  options,
  value: first,
  onChange,
}: {
  readonly label: string;
  readonly options: readonly DropdownOption[];
  readonly value: string;
  readonly onChange: (value: string) => void;
}): Control<string> {
  const list = document.createElement("vscode-dropdown") as Dropdown;
  list.setAttribute("aria-label", label);
  list.append(
    ...options.map((option) => {
      const element = document.createElement("vscode-option");
      element.setAttribute("value", option.value);
      element.append(option.label);
      if (option.value === first) element.setAttribute("selected", "");
      if (option.disabled !== undefined) {
        element.setAttribute("disabled", "");
        element.title = option.disabled;
      }
      return element;
    }),
  );
  let value = first;
  list.addEventListener("change", () => {
    if (list.value === value) return;
    value = list.value;
    onChange(value);
  });
  const element = make("span", "field", make("span", "field-label", label), list);
  element.firstElementChild?.setAttribute("aria-hidden", "true");
  return {
    element,
    get value() {
      return value;
    },
    set value(wanted) {
      value = wanted;
      list.value = wanted;
    },
    disable: (reason) => disable(list, reason, element),
  };
}

export function textField({
  label,
  value: first,
  placeholder,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  /** At every key. */
  readonly onChange: (value: string) => void;
}): Control<string> {
  const element = document.createElement("vscode-text-field") as TextField;
  element.setAttribute("aria-label", label);
  element.setAttribute("placeholder", placeholder ?? label);
  element.value = first;
  element.addEventListener("input", () => onChange(element.value));
  return {
    element,
    get value() {
      return element.value;
    },
    set value(wanted) {
      element.value = wanted;
    },
    disable: (reason) => disable(element, reason),
  };
}

export interface SliderOptions {
  readonly label: string;
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly value: number;
  /** The value as it is read. */
  readonly text: (value: number) => string;
  /** At every move. */
  readonly onChange: (value: number) => void;
}

export function slider({
  label,
  min,
  max,
  step,
  value: first,
  text,
  onChange,
}: SliderOptions): Control<number> {
  const input = make("input", "slider");
  input.type = "range";
  input.id = freshId("slider");
  Object.assign(input, { min: String(min), max: String(max), step: String(step) });
  const name = make("label", "field-label", label);
  name.htmlFor = input.id;
  const shown = make("output", "slider-value number");
  shown.htmlFor.add(input.id);
  const show = (value: number): void => {
    shown.textContent = text(value);
    input.setAttribute("aria-valuetext", text(value));
  };
  input.value = String(first);
  show(first);
  input.addEventListener("input", () => {
    show(input.valueAsNumber);
    onChange(input.valueAsNumber);
  });
  const element = make("span", "field", name, shown, input);
  return {
    element,
    get value() {
      return input.valueAsNumber;
    },
    set value(wanted) {
      input.value = String(wanted);
      show(wanted);
    },
    disable(reason) {
      input.disabled = reason !== null;
      element.title = reason ?? "";
    },
  };
}

/** Turns, no more: what is worked on is said by the status line, so it is hidden from screen readers. */
export function progressRing(): HTMLElement {
  const holder = make("span", "ring", document.createElement("vscode-progress-ring"));
  holder.setAttribute("aria-hidden", "true");
  return holder;
}

function disable(
  control: HTMLElement & { disabled?: boolean },
  reason: string | null,
  titled: HTMLElement = control,
): void {
  control.disabled = reason !== null;
  titled.title = reason ?? "";
}
