//! What every command works with: the printer and the data directory. With the command line and the signer the only reader of the environment.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use modelmark_digest::lanes::Backend;
use modelmark_storage::{LocalCache, LocalStore};

use crate::error::{CommandError, OrKind as _, Result};
use crate::options::Global;
use crate::output::Output;

/// The surroundings of one command.
pub(crate) struct Session<'a> {
    pub(crate) output: &'a Output,
    data_dir: Option<PathBuf>,
    store: OnceLock<Arc<LocalStore>>,
    cache: OnceLock<Arc<LocalCache>>,
}

impl<'a> Session<'a> {
    pub(crate) fn new(global: &Global, output: &'a Output) -> Result<Self> {
        if global.data_dir.as_deref().is_some_and(|dir| dir.as_os_str().is_empty()) {
            return Err(
                CommandError::usage("the data directory is an empty path").hint("set --data-dir or MODELMARK_DATA_DIR to a directory")
            );
        }
        choose_kernel()?;
        Ok(Self { output, data_dir: global.data_dir.clone(), store: OnceLock::new(), cache: OnceLock::new() })
    }

    /// Returns the data directory: as given, else the user's own.
    pub(crate) fn data_dir(&self) -> Result<PathBuf> {
        if let Some(dir) = &self.data_dir {
            return Ok(dir.clone());
        }
        directories::ProjectDirs::from("", "", "modelmark").map(|dirs| dirs.data_dir().to_path_buf()).ok_or_else(|| {
            CommandError::usage("there is no home directory to keep data in").hint("name a directory with --data-dir or MODELMARK_DATA_DIR")
        })
    }

    /// Returns the cache of the Hugging Face hub, as the hub's own client chooses it.
    pub(crate) fn hub_cache(&self) -> Result<PathBuf> {
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let home = directories::BaseDirs::new().map(|dirs| dirs.home_dir().to_owned());
        let expanded = |path: PathBuf| match (path.strip_prefix("~"), &home) {
            (Ok(rest), Some(home)) => home.join(rest),
            _ => path,
        };
        let caches = || variable("XDG_CACHE_HOME").or_else(|| home.as_ref().map(|home| home.join(".cache")));
        let cache = variable("HF_HUB_CACHE").or_else(|| variable("HUGGINGFACE_HUB_CACHE"));
        let cache = cache.or_else(|| variable("HF_HOME").map(|home| home.join("hub")));
        cache.or_else(|| caches().map(|caches| caches.join("huggingface/hub"))).map(expanded).ok_or_else(|| {
            CommandError::usage("there is no home directory to look for the Hugging Face cache in").hint("name the cache with HF_HUB_CACHE")
        })
    }

    /// Returns the key of an account at Etherscan.
    #[expect(clippy::unused_self, reason = "the environment is read in the name of the session")]
    pub(crate) fn etherscan_key(&self) -> Option<String> {
        std::env::var("ETHERSCAN_API_KEY").ok().filter(|key| !key.is_empty())
    }

    /// Returns the folder of the embedded chain.
    pub(crate) fn devnet_dir(&self) -> Result<PathBuf> {
        Ok(self.data_dir()?.join("devnet"))
    }

    /// Returns the block store, opened at first use.
    pub(crate) fn store(&self) -> Result<&LocalStore> {
        self.opened().map(Arc::as_ref)
    }

    /// Returns the block store for work on other threads.
    pub(crate) fn shared_store(&self) -> Result<Arc<LocalStore>> {
        self.opened().map(Arc::clone)
    }

    fn opened(&self) -> Result<&Arc<LocalStore>> {
        if let Some(store) = self.store.get() {
            return Ok(store);
        }
        let store = LocalStore::open(self.data_dir()?.join("store")).or_unreachable().map_err(writable_hint)?;
        Ok(self.store.get_or_init(|| Arc::new(store)))
    }

    /// Returns the digest cache, opened at first use; none when there is no data directory. It is written when the session ends.
    pub(crate) fn cache(&self) -> Option<&LocalCache> {
        self.opened_cache().map(Arc::as_ref)
    }

    /// Returns the digest cache for work on other threads.
    pub(crate) fn shared_cache(&self) -> Option<Arc<LocalCache>> {
        self.opened_cache().map(Arc::clone)
    }

    fn opened_cache(&self) -> Option<&Arc<LocalCache>> {
        let dir = self.data_dir().ok()?;
        Some(self.cache.get_or_init(|| Arc::new(LocalCache::open(dir))))
    }

    /// Runs an asynchronous piece of work to its end.
    pub(crate) fn block_on<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        self.runtime()?.block_on(work)
    }

    /// Returns a runtime for asynchronous work that goes on while this thread does something else.
    #[expect(clippy::unused_self, reason = "it belongs to what a command works with")]
    pub(crate) fn runtime(&self) -> Result<tokio::runtime::Runtime> {
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().or_unreachable()
    }
}

/// Lets `MODELMARK_SHA256` choose how SHA-256 is computed, for tests and measurements; every way gives the same digests.
fn choose_kernel() -> Result<()> {
    let Some(name) = std::env::var_os("MODELMARK_SHA256") else { return Ok(()) };
    let backend: Backend = name.to_string_lossy().parse().map_err(|error| CommandError::usage(format!("MODELMARK_SHA256: {error}")))?;
    modelmark_digest::lanes::set_backend(backend).map_err(|error| CommandError::usage(format!("MODELMARK_SHA256: {error}")))
}

/// Adds what to do when the data directory refuses.
pub(crate) fn writable_hint(error: CommandError) -> CommandError {
    error.hint("choose a writable data directory with --data-dir or MODELMARK_DATA_DIR")
}

/// Reads a small input file (`-` is stdin), refusing more than `limit` bytes.
pub(crate) fn read_input(path: &Path, limit: u64) -> Result<Vec<u8>> {
    let bytes = read_head(path, limit + 1)?;
    if bytes.len() as u64 > limit {
        return Err(too_large(path, limit));
    }
    Ok(bytes)
}

/// Reads a small input file (`-` is stdin) for who judges by itself what has a byte too many: one more than `limit` is read, so that a newline at the end can
/// be taken off.
pub(crate) fn read_judged(path: &Path, limit: usize) -> Result<Vec<u8>> {
    let bytes = read_head(path, (limit as u64).saturating_add(2))?;
    if bytes.len() > limit.saturating_add(1) { Err(too_large(path, limit as u64)) } else { Ok(bytes) }
}

fn too_large(path: &Path, limit: u64) -> CommandError {
    CommandError::refused(format!("{} is larger than the {limit} bytes that are accepted here", shown_input(path)))
}

/// Reads the first `most` bytes of a file (`-` is stdin), for who says by itself what is too long.
pub(crate) fn read_head(path: &Path, most: u64) -> Result<Vec<u8>> {
    use std::io::Read as _;
    let mut bytes = Vec::new();
    let read = if path == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    read.map_err(|error| CommandError::usage(format!("cannot read {}: {error}", shown_input(path))))?;
    Ok(bytes)
}

fn shown_input(path: &Path) -> String {
    if path == Path::new("-") { "stdin".to_owned() } else { format!("`{}`", path.display()) }
}
