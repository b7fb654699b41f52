"""Writes trainer.bin: the arguments of a run, saved by Trainer of transformers itself.

    pip install -r requirements.txt && python3 generate_trainer.py

A CPU build of torch is enough. The file holds the time and the name of the machine only where the arguments are not set here.
"""

import pathlib
import shutil
import tempfile

import torch
from transformers import Trainer, TrainingArguments

HERE = pathlib.Path(__file__).parent

folder = tempfile.mkdtemp()
arguments = TrainingArguments(
    output_dir=folder,
    logging_dir="/home/jane/logs",
    run_name="jane's run",
    learning_rate=5e-05,
    num_train_epochs=3,
    per_device_train_batch_size=8,
    gradient_accumulation_steps=4,
    lr_scheduler_type="cosine",
    warmup_ratio=0.03,
    weight_decay=0.01,
    optim="adamw_torch",
    seed=42,
    use_cpu=True,
    hub_token="hf_abcdefghijklmnopqrstuvwxyz012345",
    report_to=[],
)
trainer = Trainer(model=torch.nn.Linear(2, 2), args=arguments)
arguments.output_dir = "/home/jane/out"
torch.save(trainer.args, f"{folder}/training_args.bin")
shutil.copyfile(f"{folder}/training_args.bin", HERE / "trainer.bin")
