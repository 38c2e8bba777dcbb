"""Loads model folders with transformers and says what it finds, for test/oracle/checkpointTransformers.test.ts.

Reads a JSON list of tasks from standard input and prints a JSON list of answers:

    {"kind": "same", "original", "written"}             are logits, parameters and types the same?
    {"kind": "scaled", "original", "written", "factor"} is every parameter round(fp32 original * factor)?
    {"kind": "fresh", "written", "dtype", "text"}       does it load without a missing or surplus tensor?

Exits with 77 where torch or transformers is not installed.
"""

import json
import sys

try:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, __version__
except ImportError as error:
    print(error)
    sys.exit(77)


def load(folder):
    model, report = AutoModelForCausalLM.from_pretrained(
        folder, dtype="auto", output_loading_info=True, local_files_only=True
    )
    misfits = [*report["missing_keys"], *report["unexpected_keys"], *report["mismatched_keys"]]
    return model.eval(), [str(misfit) for misfit in misfits]


def logits(model):
    """In fp32 whatever the weights are: PyTorch's 16-bit kernels do not run on every processor."""
    model = model.float()
    vocabulary = model.config.vocab_size
    tokens = torch.arange(24).reshape(2, 12) * 7 % vocabulary
    with torch.no_grad():
        return model(tokens).logits


def bits(tensor):
    return tensor.contiguous().view(torch.uint8)


def same(task):
    original, _ = load(task["original"])
    written, misfits = load(task["written"])
    pairs = dict(written.named_parameters())
    answer = {
        "misfits": misfits,
        "sameNames": list(pairs) == [name for name, _ in original.named_parameters()],
        "sameBits": all(
            pairs[name].dtype == value.dtype and torch.equal(bits(pairs[name]), bits(value))
            for name, value in original.named_parameters()
        ),
        "dtype": str(written.dtype),
    }
    return {**answer, "sameLogits": torch.equal(logits(original), logits(written))}


def scaled(task):
    original, _ = load(task["original"])
    written, misfits = load(task["written"])
    pairs = dict(written.named_parameters())
    factor = torch.tensor(task["factor"], dtype=torch.float32)
    wrong = [
        name
        for name, value in original.named_parameters()
        if not torch.equal(bits((value.float() * factor).to(value.dtype)), bits(pairs[name]))
    ]
    return {"misfits": misfits, "wrong": wrong}


def fresh(task):
    model, misfits = load(task["written"])
    tokenizer = AutoTokenizer.from_pretrained(task["written"], local_files_only=True)
    return {
        "misfits": misfits,
        "type": type(model).__name__,
        "dtype": str(model.dtype),
        "finite": bool(torch.isfinite(logits(model)).all()),
        "ids": tokenizer.encode(task["text"], add_special_tokens=False),
        "bos": tokenizer.bos_token_id,
        "eos": tokenizer.eos_token_id,
        "configEos": model.config.eos_token_id,
    }


kinds = {"same": same, "scaled": scaled, "fresh": fresh}
answers = [kinds[task["kind"]](task) for task in json.load(sys.stdin)]
print(json.dumps({"version": __version__, "answers": answers}))
