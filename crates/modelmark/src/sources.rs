//! The files beside a model, and in the folder of a training run, that facts are captured from. What they say is for `modelmark-record`.

mod mlflow;

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use modelmark_record::{Finding, FindingCode, MAX_SOURCE_BYTES, SOURCE_FILES, SOURCE_FOLDERS, StoredRun, is_source};

use crate::commands::digest;
use crate::error::{CommandError, Result};
use crate::hub;
use crate::output::printable;
use crate::session::Session;

/// Most entries of a folder that are looked at.
const MAX_ENTRIES: usize = 10_000;
/// Most files that are read from one folder.
const MAX_FILES: usize = 128;
/// Most bytes that are read of one run.
const MAX_BYTES: usize = 64 << 20;
/// Where a run of Weights & Biases keeps its files.
const WANDB_FILES: [&str; 3] = ["wandb-metadata.json", "wandb-summary.json", "config.yaml"];

/// A file's path as the record names it, and its bytes.
pub(crate) type Found = (String, Vec<u8>);

/// What was found beside a model and in the folders of runs.
#[derive(Default)]
pub(crate) struct Sources<'r> {
    /// Id of the run of MLflow that the user names.
    chosen: Option<&'r str>,
    /// Whether that run was found.
    found_chosen: bool,
    /// Files.
    pub(crate) files: Vec<Found>,
    /// Runs out of databases.
    pub(crate) runs: Vec<StoredRun>,
    /// What the user should know.
    pub(crate) findings: Vec<Finding>,
}

impl<'r> Sources<'r> {
    /// Starts with nothing; of several runs of MLflow the one with this id is taken.
    pub(crate) fn new(chosen: Option<&'r str>) -> Self {
        Self { chosen, ..Self::default() }
    }

    /// Reads what lies in a model's own folder: training tools that were told to write there leave one run, and of several nobody can tell which it was.
    pub(crate) fn read_model(&mut self, folder: &Path) -> Result<()> {
        named(folder, "", &mut self.files)?;
        listed(&folder.join(".eval_results"), ".eval_results/", &mut self.files)?;
        let wandb: Vec<String> = folders(&folder.join("wandb"))?.into_iter().filter(|name| name.starts_with("run-")).collect();
        match wandb.as_slice() {
            [] => {}
            [run] => wandb_run(&folder.join("wandb").join(run).join("files"), &format!("wandb/{run}/files/"), &mut self.files)?,
            several => {
                self.several(&format!("wandb/ has {} runs; name the folder of the one that made the model with --run", several.len()))
            }
        }
        self.mlflow_folder(folder, "mlruns/")?;
        self.mlflow_database(folder, "", mlflow::DATABASE)
    }

    /// Reads the folder of a training run, or the database that holds it. What lies in it is named after the folder alone: where that lies is nobody
    /// else's business.
    pub(crate) fn read_run(&mut self, session: &Session<'_>, path: &Path) -> Result<()> {
        let before = (self.files.len(), self.runs.len(), self.findings.len());
        let full = std::fs::canonicalize(path).map_err(|error| {
            CommandError::usage(format!("--run `{}`: {error}", path.display()))
                .hint("name the folder that the training tool wrote, such as wandb/run-20260101_120000-abc or mlruns/0/<run>, or mlflow.db")
        })?;
        let is_folder = full.is_dir();
        let folder = if is_folder { full.as_path() } else { full.parent().unwrap_or(&full) };
        let within = format!("../{}/", folder.file_name().map_or_else(|| "run".into(), |name| name.to_string_lossy()));
        if is_folder {
            self.read_folder(folder, &within)?;
        } else {
            self.mlflow_database(folder, &within, &full.file_name().map(|name| name.to_string_lossy()).unwrap_or_default())?;
        }
        if before == (self.files.len(), self.runs.len(), self.findings.len()) {
            session.output.note(format!("--run {}: nothing in it is known", printable(&path.display().to_string())));
        }
        Ok(())
    }

    fn read_folder(&mut self, folder: &Path, within: &str) -> Result<()> {
        named(folder, within, &mut self.files)?;
        if folder.join("wandb-metadata.json").is_file() {
            one(folder, within, "config.yaml", &mut self.files)?;
        }
        if folder.join("files").is_dir() {
            wandb_run(&folder.join("files"), &format!("{within}files/"), &mut self.files)?;
        }
        if folder.join("meta.yaml").is_file() {
            self.found_chosen |= folder.file_name().and_then(|name| name.to_str()) == self.chosen;
            mlflow_run(folder, within, &mut self.files)?;
        }
        self.mlflow_database(folder, within, mlflow::DATABASE)
    }

    /// Refuses the id of a run that is nowhere.
    pub(crate) fn check_chosen(&self) -> Result<()> {
        match self.chosen {
            Some(id) if !self.found_chosen => Err(CommandError::usage(format!("--mlflow-run {}: no run has this id", printable(id)))
                .hint("runs are looked for in mlruns/ and mlflow.db beside the model, and where --run says; MLflow shows the id of a run on its page")),
            _ => Ok(()),
        }
    }

    fn several(&mut self, message: &str) {
        self.findings.push(Finding { code: FindingCode::TooMany, field: "training".to_owned(), message: message.to_owned() });
    }

    /// Reads the run that MLflow keeps in a folder; where it keeps runs in a database, only what they produced lies there.
    fn mlflow_folder(&mut self, folder: &Path, name: &str) -> Result<()> {
        let mut runs = Vec::new();
        for experiment in folders(&folder.join(name))? {
            let within = format!("{name}{experiment}/");
            let ids = folders(&folder.join(&within))?.into_iter().filter(|id| id.len() == 32);
            runs.extend(ids.map(|id| (format!("{within}{id}/"), id)).filter(|(run, _)| folder.join(run).join("meta.yaml").is_file()));
        }
        let all = runs.len();
        runs.retain(|(_, id)| self.chosen.is_none_or(|chosen| chosen == id));
        match runs.as_slice() {
            [(run, id)] => {
                self.found_chosen |= self.chosen == Some(id);
                mlflow_run(&folder.join(run), run, &mut self.files)?;
            }
            [] => {}
            _ => self.several(&format!("{name} has {all} runs; name the one that made the model with --mlflow-run")),
        }
        Ok(())
    }

    /// Reads the run that MLflow keeps in a database.
    fn mlflow_database(&mut self, folder: &Path, within: &str, name: &str) -> Result<()> {
        let Some(file) = open(folder, name)? else { return Ok(()) };
        let path = format!("{within}{name}");
        let unwritten = ["-wal", "-journal"].map(|end| format!("{name}{end}"));
        let unwritten = unwritten.iter().find(|name| std::fs::metadata(folder.join(name)).is_ok_and(|metadata| metadata.len() > 0));
        let read = match unwritten {
            Some(other) => {
                Err(format!("a part of it still stands in {other}; end what uses it, or open it once with `sqlite3 {name} .schema`"))
            }
            None => self.mlflow_store(file, &path).map_err(|error| error.to_string()),
        };
        if let Err(reason) = read {
            self.findings.push(Finding {
                code: FindingCode::Unreadable,
                field: "training".to_owned(),
                message: format!("{path}: {reason}"),
            });
        }
        Ok(())
    }

    fn mlflow_store(&mut self, file: File, path: &str) -> std::result::Result<(), mlflow::StoreError> {
        let store = mlflow::Store::open(file)?;
        let runs = store.runs()?;
        let run = match (self.chosen, runs.as_slice()) {
            (Some(chosen), runs) => runs.iter().find(|run| run.id == chosen),
            (None, [only]) => Some(only),
            (None, _) => None,
        };
        match run {
            Some(run) => {
                self.found_chosen |= self.chosen.is_some();
                self.runs.push(store.run(&run.id, path.to_owned())?);
            }
            None if runs.is_empty() || self.chosen.is_some() => {}
            None => {
                let latest: Vec<String> = runs.iter().take(3).map(|run| format!("{} ({})", run.id, run.name)).collect();
                let latest: String = latest.join(", ").chars().take(400).collect();
                self.several(&format!(
                    "{path} has {} runs; name the one that made the model with --mlflow-run; the latest: {latest}",
                    runs.len()
                ));
            }
        }
        Ok(())
    }
}

fn named(folder: &Path, within: &str, found: &mut Vec<Found>) -> Result<()> {
    SOURCE_FILES.iter().filter(|name| **name != "meta.yaml").try_for_each(|name| one(folder, within, name, found))
}

fn wandb_run(folder: &Path, within: &str, found: &mut Vec<Found>) -> Result<()> {
    WANDB_FILES.iter().try_for_each(|name| one(folder, within, name, found))
}

fn mlflow_run(folder: &Path, within: &str, found: &mut Vec<Found>) -> Result<()> {
    one(folder, within, "meta.yaml", found)?;
    SOURCE_FOLDERS.iter().skip(1).try_for_each(|inner| listed(&folder.join(inner), &format!("{within}{inner}/"), found))
}

fn one(folder: &Path, within: &str, name: &str, found: &mut Vec<Found>) -> Result<()> {
    let taken: usize = found.iter().map(|(_, bytes)| bytes.len()).sum();
    if let Some(bytes) = beside(folder, name)?.filter(|bytes| taken + bytes.len() <= MAX_BYTES) {
        found.push((format!("{within}{name}"), bytes));
    }
    Ok(())
}

/// Reads the files of a folder that are sources, in the order of their names.
fn listed(folder: &Path, within: &str, found: &mut Vec<Found>) -> Result<()> {
    let names = entries(folder, false)?.into_iter().filter(|name| is_source(&format!("{within}{name}")));
    names.take(MAX_FILES).try_for_each(|name| one(folder, within, &name, found))
}

fn folders(folder: &Path) -> Result<Vec<String>> {
    entries(folder, true)
}

/// The names of the folders or of the files in a folder, sorted. Links lead elsewhere and are passed over, but for those that fill a snapshot of the
/// Hugging Face cache.
fn entries(folder: &Path, directories: bool) -> Result<Vec<String>> {
    let unreadable = |error: std::io::Error| CommandError::unreachable(format!("cannot read `{}`: {error}", folder.display()));
    match std::fs::symlink_metadata(folder) {
        Ok(metadata) if metadata.is_dir() => {}
        _ => return Ok(Vec::new()),
    }
    let in_snapshot = modelmark_digest::hub::origin(folder).is_some();
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)?.take(MAX_ENTRIES) {
        let entry = entry.map_err(unreadable)?;
        let kind = entry.file_type().map_err(unreadable)?;
        if if directories { kind.is_dir() } else { kind.is_file() || in_snapshot && kind.is_symlink() } {
            names.extend(entry.file_name().into_string());
        }
    }
    names.sort();
    Ok(names)
}

/// Reads a file beside the model, if there is one.
pub(crate) fn beside(folder: &Path, name: &str) -> Result<Option<Vec<u8>>> {
    let file = open(folder, name)?;
    file.map(read_start).transpose().map_err(|error| unreadable(&folder.join(name), &error))
}

/// Opens a file beside the model, if there is one. It may not be fingerprinted yet: a link could lead anywhere, and opening a pipe would wait for ever.
fn open(folder: &Path, name: &str) -> Result<Option<File>> {
    let path = folder.join(name);
    match std::fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.is_file() => File::open(&path).map(Some).map_err(|error| unreadable(&path, &error)),
        Ok(metadata) if metadata.is_symlink() && modelmark_digest::hub::origin(&path).is_some() => {
            modelmark_digest::hub::open_linked(&path).map_err(digest::explain)
        }
        Ok(metadata) if metadata.is_symlink() => {
            let error = CommandError::refused(format!("`{}` is a symbolic link", path.display()));
            let of_a_cache = std::fs::read_link(&path).is_ok_and(|target| target.to_str().is_some_and(hub::is_of_a_cache));
            Err(if of_a_cache { error.hint(hub::COPY) } else { error })
        }
        Ok(_) => Err(CommandError::refused(format!("`{}` is no regular file", path.display()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unreadable(&path, &error)),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> CommandError {
    CommandError::unreachable(format!("cannot read `{}`: {error}", path.display()))
}

/// Reads one byte more than is used at all, so that the reader sees that a file is too long and says so.
fn read_start(file: File) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    file.take(MAX_SOURCE_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
