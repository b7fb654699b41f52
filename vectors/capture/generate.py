"""Writes training_args.bin as a trainer does: Python's own pickler on an object of a class named like the trainer's, in an archive like torch's.

Needs Python 3.9 or later and nothing else; the output is the same every time.
"""

import enum
import io
import pickle
import sys
import types
import zipfile

transformers = types.ModuleType("transformers.training_args")
sys.modules["transformers"] = types.ModuleType("transformers")
sys.modules["transformers.training_args"] = transformers


class TrainingArguments:
    pass


class SchedulerType(str, enum.Enum):
    LINEAR = "linear"


class AcceleratorConfig:
    pass


for cls in (TrainingArguments, SchedulerType, AcceleratorConfig):
    cls.__module__ = "transformers.training_args"
    cls.__qualname__ = cls.__name__
    setattr(transformers, cls.__name__, cls)

arguments = TrainingArguments()
accelerator = AcceleratorConfig()
accelerator.split_batches = False
arguments.__dict__.update(
    output_dir="/home/jane/out",
    learning_rate=5e-05,
    num_train_epochs=3.0,
    max_steps=-1,
    per_device_train_batch_size=8,
    lr_scheduler_type=SchedulerType.LINEAR,
    optim="adamw_torch",
    seed=42,
    data_seed=None,
    fp16=False,
    hub_token="hf_abcdefghijklmnopqrstuvwxyz012345",
    run_name="jane's run",
    accelerator_config=accelerator,
    report_to=["wandb"],
)

with zipfile.ZipFile("training_args.bin", "w", zipfile.ZIP_STORED) as archive:
    for name, data in [
        ("data.pkl", pickle.dumps(arguments, protocol=2)),
        ("byteorder", b"little"),
        ("version", b"3\n"),
    ]:
        archive.writestr(zipfile.ZipInfo(f"training_args/{name}", date_time=(1980, 1, 1, 0, 0, 0)), data)
