//! The database of MLflow (`mlflow.db`), read out of memory: nobody vouches for the file, so it gets to do nothing of what SQLite can do for a database.
//!
//! The bytes that are read are the bytes that are hashed. Of the schema only plain tables count, without columns that are computed; views and triggers are
//! off, a statement may read and nothing else, no extension can be loaded, and reading ends when it has taken too many steps.

use std::fs::File;
use std::io::Read as _;

use modelmark_digest::Sha256Digest;
use modelmark_record::StoredRun;
use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::{Connection, MAIN_DB, OptionalExtension as _, Params, Row};

/// Name of the database beside a model.
pub(super) const DATABASE: &str = "mlflow.db";
/// Largest database that is read, in bytes.
const MAX_BYTES: u64 = 256 << 20;
/// Longest text of a row, in bytes; MLflow takes at most 8,000 characters.
const MAX_TEXT: i32 = 1 << 20;
/// Steps between two looks at the clock of a statement, and how many such looks it gets: some seconds.
const STEPS: i32 = 10_000;
const MAX_LOOKS: u32 = 10_000;
/// Most runs that are looked at, and most rows of each kind that are taken of one.
const MAX_RUNS: usize = 10_000;
const MAX_ROWS: usize = 1_000;
/// The tables that are read.
const TABLES: [&str; 7] = ["runs", "params", "latest_metrics", "tags", "datasets", "inputs", "input_tags"];

/// Why a database is not read.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreError {
    /// It is larger than what is read.
    #[error("has {0} bytes; the limit is {MAX_BYTES}")]
    TooLarge(u64),
    /// It is none, is damaged, or does what a database of MLflow does not.
    #[error("is no database of MLflow that can be read: {0}")]
    Database(#[from] rusqlite::Error),
    /// It is of another kind.
    #[error("is no SQLite database")]
    Foreign,
    /// A table is missing or is none.
    #[error("is no database of MLflow: it has no table `{0}`")]
    NoTable(&'static str),
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Read(#[from] std::io::Error),
}

/// A database, opened.
pub(super) struct Store {
    connection: Connection,
    sha256: Sha256Digest,
}

/// A run that is not deleted.
#[derive(Debug)]
pub(super) struct RunName {
    pub(super) id: String,
    pub(super) name: String,
}

impl Store {
    /// Reads a database whole.
    pub(super) fn open(file: File) -> Result<Self, StoreError> {
        let size = file.metadata()?.len();
        if size > MAX_BYTES {
            return Err(StoreError::TooLarge(size));
        }
        let mut bytes = Vec::new();
        file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
        Self::of_bytes(bytes)
    }

    fn of_bytes(mut bytes: Vec<u8>) -> Result<Self, StoreError> {
        if !bytes.starts_with(b"SQLite format 3\0") {
            return Err(StoreError::Foreign);
        }
        let sha256 = Sha256Digest::of(&bytes);
        // A database that was once kept with a write-ahead log says so, and could not be read without one; that none is there was looked at before.
        if let Some(versions @ [2, 2]) = bytes.get_mut(18..20) {
            versions.fill(1);
        }
        let mut connection = Connection::open_in_memory()?;
        confine(&mut connection)?;
        connection.deserialize_read_exact(MAIN_DB, bytes.as_slice(), bytes.len(), true)?;
        drop(bytes);
        // Only now: to take the bytes over, SQLite itself attaches them.
        connection.authorizer(Some(reads_only))?;
        let store = Self { connection, sha256 };
        ["runs", "params", "latest_metrics", "tags"].into_iter().try_for_each(|table| match store.has(table)? {
            true => Ok(()),
            false => Err(StoreError::NoTable(table)),
        })?;
        Ok(store)
    }

    /// Tells whether a table of this name is there that holds its columns itself: no view, no table of a module, no column that is computed.
    fn has(&self, table: &str) -> Result<bool, StoreError> {
        let found =
            self.connection.query_row("SELECT sql, rootpage FROM sqlite_schema WHERE type = 'table' AND name = ?1", [table], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?))
            });
        let plain = |(sql, root): (String, i64)| {
            let computes = sql.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word.eq_ignore_ascii_case("AS"));
            root > 0 && !computes && sql.get(..13).is_some_and(|start| start.eq_ignore_ascii_case("CREATE TABLE "))
        };
        Ok(found.optional()?.is_some_and(plain))
    }

    /// Returns the runs that are not deleted, the latest first.
    pub(super) fn runs(&self) -> Result<Vec<RunName>, StoreError> {
        let query = "SELECT run_uuid, name FROM runs WHERE lifecycle_stage IS NOT 'deleted' ORDER BY start_time DESC, run_uuid LIMIT ?1";
        self.rows(query, [MAX_RUNS as i64], |row| {
            Ok(RunName { id: row.get(0)?, name: row.get::<_, Option<String>>(1)?.unwrap_or_default() })
        })
    }

    /// Returns what is kept of one run.
    pub(super) fn run(&self, id: &str, file: String) -> Result<StoredRun, StoreError> {
        let times = self.rows("SELECT start_time, end_time FROM runs WHERE run_uuid = ?1 LIMIT 1", [id], |row| {
            Ok((row.get::<_, Option<i64>>(0)?, row.get::<_, Option<i64>>(1)?))
        })?;
        let (start, end) = times.into_iter().next().unwrap_or_default();
        let milliseconds = |time: Option<i64>| time.and_then(|time| u64::try_from(time).ok());
        Ok(StoredRun {
            file,
            sha256: self.sha256,
            started_at: milliseconds(start),
            finished_at: milliseconds(end),
            parameters: self.pairs("SELECT key, value FROM params WHERE run_uuid = ?1 ORDER BY key LIMIT ?2", id)?,
            metrics: self.measured(id)?,
            tags: self.pairs("SELECT key, value FROM tags WHERE run_uuid = ?1 AND key IN ('mlflow.source.git.commit', 'mlflow.source.git.repoURL') ORDER BY key LIMIT ?2", id)?,
            datasets: self.datasets(id)?,
        })
    }

    fn measured(&self, id: &str) -> Result<Vec<(String, f64)>, StoreError> {
        let query = "SELECT key, value FROM latest_metrics WHERE run_uuid = ?1 AND NOT is_nan ORDER BY key LIMIT ?2";
        self.rows(query, (id, MAX_ROWS as i64), |row| Ok((row.get(0)?, row.get(1)?)))
    }

    fn datasets(&self, id: &str) -> Result<Vec<(String, Option<String>)>, StoreError> {
        for table in ["datasets", "inputs", "input_tags"] {
            // Stores of older releases have none of them.
            if !self.has(table)? {
                return Ok(Vec::new());
            }
        }
        let query = "SELECT datasets.name, input_tags.value FROM inputs JOIN datasets ON datasets.dataset_uuid = inputs.source_id \
            LEFT JOIN input_tags ON input_tags.input_uuid = inputs.input_uuid AND input_tags.name = 'mlflow.data.context' \
            WHERE inputs.source_type = 'DATASET' AND inputs.destination_type = 'RUN' AND inputs.destination_id = ?1 \
            ORDER BY datasets.name, input_tags.value LIMIT ?2";
        self.rows(query, (id, MAX_ROWS as i64), |row| Ok((row.get(0)?, row.get(1)?)))
    }

    fn pairs(&self, query: &str, id: &str) -> Result<Vec<(String, String)>, StoreError> {
        let pairs = self.rows(query, (id, MAX_ROWS as i64), |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?)))?;
        Ok(pairs.into_iter().filter_map(|(key, value)| Some((key, value?))).collect())
    }

    fn rows<T>(&self, query: &str, params: impl Params, read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>) -> Result<Vec<T>, StoreError> {
        let mut statement = self.connection.prepare(query)?;
        let rows = statement.query_map(params, read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// Takes from SQLite whatever a database could ask of it.
fn confine(connection: &mut Connection) -> rusqlite::Result<()> {
    use DbConfig::{
        SQLITE_DBCONFIG_DEFENSIVE, SQLITE_DBCONFIG_ENABLE_TRIGGER, SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_TRUSTED_SCHEMA,
    };
    connection.set_db_config(SQLITE_DBCONFIG_DEFENSIVE, true)?;
    for switch in [SQLITE_DBCONFIG_TRUSTED_SCHEMA, SQLITE_DBCONFIG_ENABLE_VIEW, SQLITE_DBCONFIG_ENABLE_TRIGGER] {
        connection.set_db_config(switch, false)?;
    }
    for (limit, most) in [
        (Limit::SQLITE_LIMIT_LENGTH, MAX_TEXT),
        (Limit::SQLITE_LIMIT_ATTACHED, 0),
        (Limit::SQLITE_LIMIT_EXPR_DEPTH, 50),
        (Limit::SQLITE_LIMIT_COMPOUND_SELECT, 2),
        (Limit::SQLITE_LIMIT_TRIGGER_DEPTH, 1),
        (Limit::SQLITE_LIMIT_WORKER_THREADS, 0),
    ] {
        connection.set_limit(limit, most)?;
    }
    let mut looks = 0;
    connection.progress_handler(
        STEPS,
        Some(move || {
            looks += 1;
            looks > MAX_LOOKS
        }),
    )
}

/// Lets a statement do nothing but read the tables that it is meant to read.
fn reads_only(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Select => Authorization::Allow,
        AuthAction::Read { table_name, .. } if table_name == "sqlite_master" || TABLES.contains(&table_name) => Authorization::Allow,
        _ => Authorization::Deny,
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, clippy::panic, reason = "a failed step is a failed test")]
    use super::*;

    const WRITTEN_BY_MLFLOW: &[u8] = include_bytes!("../../../../vectors/capture/mlflow.db");

    fn refused(bytes: &[u8]) -> String {
        let read = |bytes: &[u8]| {
            let store = Store::of_bytes(bytes.to_vec())?;
            store.runs()?.iter().map(|run| store.run(&run.id, String::new())).collect::<Result<Vec<_>, _>>()
        };
        match read(bytes) {
            Err(error) => error.to_string(),
            Ok(runs) => panic!("read as {runs:?}"),
        }
    }

    /// A database of MLflow with one table replaced by what a statement makes.
    fn altered(statements: &str) -> Vec<u8> {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.deserialize_read_exact(MAIN_DB, WRITTEN_BY_MLFLOW, WRITTEN_BY_MLFLOW.len(), false).unwrap();
        connection.execute_batch(&format!("PRAGMA foreign_keys = OFF; {statements}")).unwrap();
        connection.serialize(MAIN_DB).unwrap().to_vec()
    }

    #[test]
    fn reads_what_mlflow_wrote() {
        let store = Store::of_bytes(WRITTEN_BY_MLFLOW.to_vec()).unwrap();
        let runs = store.runs().unwrap();
        assert_eq!(runs.iter().map(|run| run.name.as_str()).collect::<Vec<_>>(), ["second", "first"], "not the deleted one");
        let first = store.run(&runs.last().unwrap().id, "mlflow.db".to_owned()).unwrap();
        let parameters: Vec<_> = first.parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(parameters, ["data_path=/home/jane/data", "epochs=3", "learning_rate=1e-05", "optimizer=adamw"]);
        assert_eq!(
            first.metrics,
            [("train_loss".to_owned(), 0.125), ("val_loss".to_owned(), 0.25)],
            "the last of each, and none that is no number"
        );
        assert_eq!(
            first.datasets,
            [
                ("dataset".to_owned(), None),
                ("digits".to_owned(), Some("training".to_owned())),
                ("held-out".to_owned(), Some("eval".to_owned()))
            ]
        );
        assert_eq!((first.started_at, first.finished_at), (Some(1_700_000_000_000), Some(1_700_000_060_000)));
        assert_eq!(first.tags.len(), 2);
    }

    #[test]
    fn what_runs_code_is_refused() {
        let recursion = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT CAST(i AS TEXT) AS key, 'x' AS value, 'x' AS run_uuid FROM n";
        for (statements, words) in [
            (format!("DROP TABLE params; CREATE VIEW params AS {recursion};"), "no table `params`"),
            ("DROP TABLE tags; CREATE VIRTUAL TABLE tags USING fts5(key, value, run_uuid);".to_owned(), "no table `tags`"),
            (
                "DROP TABLE latest_metrics; CREATE TABLE latest_metrics (key, is_nan, run_uuid, value AS (hex(zeroblob(100000000))));"
                    .to_owned(),
                "no table `latest_metrics`",
            ),
            ("DROP TABLE runs;".to_owned(), "no table `runs`"),
            ("UPDATE params SET value = zeroblob(2000000);".to_owned(), "too big"),
            ("UPDATE latest_metrics SET value = 'x';".to_owned(), "Invalid column type"),
            ("UPDATE runs SET name = x'ff' WHERE name = 'first';".to_owned(), "Invalid column type"),
        ] {
            let message = refused(&altered(&statements));
            assert!(message.contains(words), "{statements}: {message}");
        }
    }

    #[test]
    fn a_statement_without_end_is_ended() {
        // A product of three tables, each row of which is sorted.
        let rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 600)";
        let bytes = altered(&format!(
            "DROP TABLE inputs; CREATE TABLE inputs (input_uuid, source_id, source_type, destination_type, destination_id);
             DROP TABLE datasets; CREATE TABLE datasets (dataset_uuid, name);
             DROP TABLE input_tags; CREATE TABLE input_tags (input_uuid, name, value);
             {rows} INSERT INTO inputs SELECT 1, 1, 'DATASET', 'RUN', 'x' FROM n;
             {rows} INSERT INTO datasets SELECT 1, i FROM n;
             {rows} INSERT INTO input_tags SELECT 1, 'mlflow.data.context', i FROM n;"
        ));
        let store = Store::of_bytes(bytes).unwrap();
        assert!(store.datasets("x").unwrap_err().to_string().contains("interrupted"));
    }

    #[test]
    fn damaged_databases_are_refused_or_read_and_never_more() {
        for bytes in [&b""[..], b"SQLite format 3\0", b"no database at all", WRITTEN_BY_MLFLOW.get(..WRITTEN_BY_MLFLOW.len() / 2).unwrap()]
        {
            assert!(refused(bytes).contains("database"), "{} bytes", bytes.len());
        }
        for at in (0..WRITTEN_BY_MLFLOW.len()).step_by(61) {
            let mut damaged = WRITTEN_BY_MLFLOW.to_vec();
            *damaged.get_mut(at).unwrap() ^= 0xff;
            let Ok(store) = Store::of_bytes(damaged) else { continue };
            for run in store.runs().unwrap_or_default() {
                let _ = store.run(&run.id, String::new());
            }
        }
    }
}
