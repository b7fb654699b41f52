//! Databases of MLflow: no panic, no end that never comes, bounded rows, and whatever is read makes facts.
#![no_main]

use std::io::{Seek as _, Write as _};

use libfuzzer_sys::fuzz_target;
use modelmark_record::{Beside, Claims, gather};

// The reader lives in the binary, which nothing can link against.
#[path = "../../crates/modelmark/src/sources/mlflow.rs"]
#[expect(dead_code, reason = "the name of the file is the binary's")]
mod mlflow;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::tempfile().expect("a file");
    file.write_all(bytes).expect("written");
    file.rewind().expect("rewound");
    let Ok(store) = mlflow::Store::open(file) else { return };
    let Ok(names) = store.runs() else { return };
    assert!(names.len() <= 10_000);
    for name in names.iter().take(3) {
        let Ok(run) = store.run(&name.id, "mlflow.db".to_owned()) else { continue };
        assert!(run.parameters.len() <= 1_000 && run.metrics.len() <= 1_000 && run.tags.len() <= 1_000);
        let runs = [run];
        assert!(gather(Claims::default(), &Beside { runs: &runs, ..Beside::default() }).is_ok());
    }
});
