"""Writes mlflow.db with MLflow itself: two runs, and one that was deleted.

    pip install -r requirements.txt && python3 generate_mlflow.py

MLflow makes the tables and fills them. Afterwards the ids and times that it draws are set to fixed ones, and the tables that a record does not come from
are dropped, because they are most of the file; the schema of the others stays as MLflow wrote it. MLflow writes the constraints of a
table in an order of its own every time; the rows are the same.
"""

import logging
import os
import pathlib
import sqlite3
import tempfile

HERE = pathlib.Path(__file__).parent
KEPT = {"experiments", "runs", "params", "metrics", "latest_metrics", "tags", "datasets", "inputs", "input_tags", "alembic_version"}

os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
folder = tempfile.mkdtemp()
os.chdir(folder)

import mlflow  # noqa: E402  (reads its settings when it is imported)
from mlflow.data.meta_dataset import MetaDataset  # noqa: E402
from mlflow.data.http_dataset_source import HTTPDatasetSource  # noqa: E402

logging.disable(logging.INFO)
mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
source = HTTPDatasetSource("https://example.org/data")
with mlflow.start_run(run_name="first") as first:
    mlflow.log_params({"learning_rate": 1e-05, "epochs": 3, "optimizer": "adamw", "data_path": "/home/jane/data"})
    for step, loss in enumerate([0.5, 0.25]):
        mlflow.log_metric("val_loss", loss, step=step)
    mlflow.log_metric("train_loss", 0.125)
    mlflow.log_metric("test_loss", float("nan"))
    mlflow.log_input(MetaDataset(source, name="digits"), context="training")
    mlflow.log_input(MetaDataset(source, name="held-out"), context="eval")
    mlflow.log_input(MetaDataset(source))
    mlflow.set_tag("mlflow.source.git.commit", "0123456789abcdef0123456789abcdef01234567")
    mlflow.set_tag("mlflow.source.git.repoURL", "https://example.org/code.git")
    mlflow.set_tag("note", "mail jane@example.org")
with mlflow.start_run(run_name="second") as second:
    mlflow.log_params({"learning_rate": 0.001})
with mlflow.start_run(run_name="third") as third:
    mlflow.log_params({"learning_rate": 1})
mlflow.delete_run(third.info.run_id)

database = sqlite3.connect(f"{folder}/mlflow.db", isolation_level=None)
database.execute("PRAGMA foreign_keys = OFF")
for number, run in enumerate([first, second, third]):
    fixed, start = str(number + 1) * 32, 1_700_000_000_000 + number * 3_600_000
    for table, column in [("runs", "run_uuid"), ("params", "run_uuid"), ("latest_metrics", "run_uuid"), ("metrics", "run_uuid"),
                          ("tags", "run_uuid"), ("inputs", "destination_id")]:
        database.execute(f"UPDATE {table} SET {column} = ? WHERE {column} = ?", (fixed, run.info.run_id))
    database.execute("UPDATE runs SET start_time = ?, end_time = ?, user_id = 'jane', source_name = '/home/jane/train.py', artifact_uri = '/home/jane/mlruns' "
                     "WHERE run_uuid = ?", (start, start + 60_000, fixed))
database.execute("UPDATE runs SET deleted_time = 1700010000000 WHERE deleted_time IS NOT NULL")
database.execute("UPDATE metrics SET timestamp = 1700000000000 + step")
database.execute("UPDATE latest_metrics SET timestamp = 1700000000000 + step")
database.execute("UPDATE experiments SET artifact_location = '/home/jane/mlruns', creation_time = 0, last_update_time = 0")
database.execute("UPDATE tags SET value = 'x' WHERE key NOT LIKE 'mlflow.source.git%' AND key <> 'note'")
for table, column in [("inputs", "input_uuid"), ("datasets", "dataset_uuid")]:
    for number, (old,) in enumerate(database.execute(f"SELECT {column} FROM {table} ORDER BY rowid").fetchall()):
        fixed = f"{table}-{number}"
        for other, name in [("inputs", "input_uuid"), ("inputs", "source_id"), ("input_tags", "input_uuid"), ("datasets", "dataset_uuid")]:
            database.execute(f"UPDATE {other} SET {name} = ? WHERE {name} = ?", (fixed, old))
for kind, name in database.execute("SELECT type, name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").fetchall():
    if name not in KEPT:
        database.execute(f'DROP {kind} "{name}"')
database.execute("PRAGMA page_size = 1024")
database.execute("VACUUM INTO ?", (f"{folder}/small.db",))
database.close()
(HERE / "mlflow.db").write_bytes(pathlib.Path(f"{folder}/small.db").read_bytes())
