//! The operators of a graph: which of them carry code or touch files, and which TensorFlow does not have.

use std::collections::{BTreeSet, HashSet};

use crate::contents::{Contents, FindingCode};

/// Most names of operators that are told apart.
const MAX_NAMES: usize = 8192;

/// All operators of TensorFlow, made by `vectors/tensorflow/generate.py`.
const KNOWN: &str = include_str!("operators.txt");

/// Operators that call into the Python program that loaded the graph.
const PYTHON: [&str; 3] = ["EagerPyFunc", "PyFunc", "PyFuncStateless"];

/// Operators that read or write files whose names the graph can choose. Those that save and restore checkpoints are not among them: every model has
/// them, and they run when a checkpoint is read or written.
const FILES: [&str; 44] = [
    "CSVDataset",
    "CSVDatasetV2",
    "CreateSummaryDbWriter",
    "CreateSummaryFileWriter",
    "DebugIdentity",
    "DebugIdentityV2",
    "DebugIdentityV3",
    "DebugNanCount",
    "DebugNumericSummary",
    "DebugNumericSummaryV2",
    "DistributedSave",
    "DumpTensor",
    "ExperimentalCSVDataset",
    "ExperimentalMatchingFilesDataset",
    "ExperimentalSqlDataset",
    "FileSystemSetConfiguration",
    "FixedLengthRecordDataset",
    "FixedLengthRecordDatasetV2",
    "FixedLengthRecordReader",
    "FixedLengthRecordReaderV2",
    "ImmutableConst",
    "LMDBDataset",
    "LMDBReader",
    "LoadAndRemapMatrix",
    "LoadDataset",
    "MatchingFiles",
    "MatchingFilesDataset",
    "PrintV2",
    "ReadFile",
    "SaveDataset",
    "SaveDatasetV2",
    "SnapshotDataset",
    "SnapshotDatasetV2",
    "SqlDataset",
    "TFRecordDataset",
    "TFRecordDatasetV2",
    "TFRecordReader",
    "TFRecordReaderV2",
    "TextLineDataset",
    "TextLineReader",
    "TextLineReaderV2",
    "WholeFileReader",
    "WholeFileReaderV2",
    "WriteFile",
];

/// The names that were met.
#[derive(Default)]
pub(super) struct Operators {
    used: BTreeSet<String>,
    /// The graph's own functions, which are called like operators.
    functions: HashSet<String>,
    cut: bool,
}

impl Operators {
    pub(super) fn uses(&mut self, name: String) {
        self.cut |= self.used.len() >= MAX_NAMES;
        if !self.cut {
            self.used.insert(name);
        }
    }

    pub(super) fn defines(&mut self, function: String) {
        self.functions.insert(function);
    }

    /// Writes down what a person should know of them.
    pub(super) fn judge(&self, contents: &mut Contents) {
        let known: HashSet<&str> = KNOWN.lines().collect();
        for name in &self.used {
            let name = name.as_str();
            if PYTHON.contains(&name) {
                contents.note(FindingCode::CodeBearing, format!("operator {name} calls Python code"));
            } else if FILES.contains(&name) {
                contents.note(FindingCode::CodeBearing, format!("operator {name} reads or writes files"));
            } else if !known.contains(name) && !self.functions.contains(name) {
                contents
                    .note(FindingCode::CodeNeeded, format!("operator {name:?} is not one of TensorFlow's: its code comes from elsewhere"));
            }
        }
        if self.cut {
            contents.note(FindingCode::CodeOpaque, format!("more than {MAX_NAMES} operators: not all were looked at"));
        }
    }
}
