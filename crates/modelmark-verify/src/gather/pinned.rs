//! One block for a whole verification, named by its hash, so that all that is read belongs together.

use modelmark_chain::{Address, ReadAt, Registry};

use super::with_causes;
use crate::assurance::{Agreement, ChainLevel, ChainView};

/// The registry, read at one block.
pub(super) struct Pinned {
    pub(super) registry: Registry,
    pub(super) view: ChainView,
}

/// Asks which block reads see now, and reads at that one from here on.
pub(super) async fn pin(registry: &Registry) -> Result<Pinned, String> {
    let sight = registry.chain().sight().await.map_err(|error| with_causes(&error))?;
    let agreement = registry.chain().agreement().map(|quorum| Agreement { needed: quorum.needed(), of: quorum.of() });
    let level = if agreement.is_some() { ChainLevel::Agreement } else { ChainLevel::Endpoint };
    let view = ChainView { level, agreement, block: sight.block, finality: sight.finality.into() };
    Ok(Pinned { registry: registry.clone().read_at(ReadAt::Block(sight.block)), view })
}

/// Returns the registry at a contract of the same chain: the same one, if it is there, which may know from which block on it has logs.
pub(super) fn registry_at(known: &Registry, contract: Address) -> Registry {
    if known.address() == contract { known.clone() } else { Registry::at(known.chain(), contract) }
}

impl Pinned {
    /// Tells whether the chain still has the block, and with it what was read. When nobody can tell, nobody can say so.
    pub(super) async fn stands(&self) -> bool {
        self.registry.chain().still_has(&self.view.block).await.unwrap_or_default()
    }
}

/// Says that what is not there at the block that was read is there at a later one.
pub(super) async fn later<F: AsyncFnOnce(&Registry) -> bool>(registry: &Registry, is_there: F) -> Option<String> {
    let ReadAt::Block(read) = registry.chain().read_at() else { return None };
    let latest = registry.chain().clone().at(ReadAt::Latest).block().await.ok()?;
    if latest.number <= read.number {
        return None;
    }
    let newest = registry.clone().read_at(ReadAt::Block(latest));
    is_there(&newest).await.then(|| {
        format!(
            "; it is there at the latest block {}, which is not final yet: block {} was read. Look again when it is final, or accept that with --block latest",
            latest.number, read.number
        )
    })
}
