//! Places beyond this machine: opening those that the user names, and handing things to them until enough of them keep it.

mod model;

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::join_all;
use modelmark_chain::Wallet;
use modelmark_digest::ContentId;
use modelmark_remote::{
    Address, Credentials, Item, Limits, PUBLIC_GATEWAYS, Policy, Reader, Receipt, Remote, RemoteError, Watch, redundancy,
};
use modelmark_storage::{BlockCache, LocalStore, Store as _};

use crate::commands::store::Stored;
use crate::credentials;
use crate::error::{CommandError, Kind, OrKind as _, Result};
use crate::options::PlaceArgs;
use crate::output::printable;
use crate::progress::Transfer;
use crate::session::Session;

pub(crate) use self::model::Sent;

/// The folder of the cache of what was read from places, in the data directory.
pub(crate) const CACHE: &str = "cache";

/// What one place took, or why it did not take all.
type Attempt = std::result::Result<Vec<Receipt>, String>;

/// Opens places to read from.
pub(crate) fn sources(places: &[Address]) -> Result<Vec<Arc<dyn Remote>>> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let credentials = credentials::gather()?;
    let addresses = places.iter().map(expand).collect::<Result<Vec<_>>>()?;
    addresses.iter().flatten().map(|address| modelmark_remote::open(address, &credentials).map_err(explain)).collect()
}

/// The gateways that anybody may ask are named by one word.
fn expand(address: &Address) -> Result<Vec<Address>> {
    if address.scheme() != "gateways" {
        return Ok(vec![address.clone()]);
    }
    PUBLIC_GATEWAYS.iter().map(|gateway| gateway.parse().map_err(CommandError::usage)).collect()
}

/// Returns a reader of small things (records, signatures, metadata) at these places, through the cache in the data directory; none when no
/// place is named.
pub(crate) fn reader(session: &Session<'_>, places: &[Address]) -> Result<Option<Reader>> {
    let places = sources(places)?;
    if places.is_empty() {
        return Ok(None);
    }
    let reader = Reader::new(places, Limits::RECORD).with_receipts(noted(session)?);
    Ok(Some(match session.data_dir() {
        Ok(dir) => reader.with_cache(Arc::new(BlockCache::open(dir.join(CACHE)))),
        Err(_) => reader,
    }))
}

/// Returns what places said when they took something: some find nothing by its CID alone.
pub(crate) fn noted(session: &Session<'_>) -> Result<Vec<Receipt>> {
    // Who has no store yet has given nothing to a place.
    if session.data_dir().is_ok_and(|dir| dir.join("store").is_dir()) {
        redundancy::noted(session.store()?, None).map_err(explain)
    } else {
        Ok(Vec::new())
    }
}

/// Says which places are not believed any more, and why.
pub(crate) fn dismissed(reader: &Reader) -> Vec<String> {
    reader.served().into_iter().filter_map(|served| served.dismissed).map(|why| format!("not asked again: {why}")).collect()
}

/// The places that a command hands things to.
pub(crate) struct Places {
    opened: Vec<(Address, Arc<dyn Remote>)>,
    credentials: Credentials,
    policy: Policy,
    wait: Duration,
}

impl Places {
    /// Opens the places that `args` name; refuses a policy that they cannot meet.
    pub(crate) fn open(args: &PlaceArgs) -> Result<Self> {
        let policy = args.keep.clone().unwrap_or_default();
        policy.check_possible(&args.places).map_err(|reason| {
            CommandError::usage(format!("--keep: {reason}")).hint("name places with `--place URL`, which can be repeated")
        })?;
        let mut opened: Vec<(Address, Arc<dyn Remote>)> = Vec::new();
        let credentials = if args.places.is_empty() { Default::default() } else { credentials::gather()? };
        for address in &args.places {
            if !opened.iter().any(|(other, _)| other == address) {
                opened.push((address.clone(), modelmark_remote::open(address, &credentials).map_err(explain)?));
            }
        }
        Ok(Self { opened, credentials, policy, wait: args.wait() })
    }

    /// Tells whether a place takes only what an account has signed.
    pub(crate) fn want_account(&self) -> bool {
        self.opened.iter().any(|(address, _)| credentials::wants_account(&self.credentials, address))
    }

    /// Has the account of `wallet` sign for the places that ask for that.
    pub(crate) fn signed_by(mut self, wallet: &Wallet) -> Result<Self> {
        for (address, place) in self.opened.iter_mut().filter(|(address, _)| credentials::wants_account(&self.credentials, address)) {
            let credentials = credentials::with_account(&self.credentials, address, wallet)?;
            *place = modelmark_remote::open(address, &credentials).map_err(explain)?;
        }
        Ok(self)
    }

    /// Hands `items` from the block store to every place, several at once, and looks whether they are there. What a place took is noted at once.
    ///
    /// What costs money is asked about first, unless the caller agreed with `yes`. When too few places keep it, that is an error.
    pub(crate) async fn keep(&self, session: &Session<'_>, items: &[Item], yes: bool) -> Result<Vec<Receipt>> {
        if self.opened.is_empty() || items.is_empty() {
            return Ok(Vec::new());
        }
        self.agree(session, items, yes).await?;
        let store = session.shared_store()?;
        let bytes = items.iter().map(|item| item.bytes).sum::<u64>().saturating_mul(self.opened.len() as u64);
        let progress = Transfer::new(session.output, "upload", bytes);
        let attempts = join_all(self.opened.iter().map(|(_, place)| self.fill(place.as_ref(), items, &store, &progress))).await;
        drop(progress);
        self.settle(session, attempts)
    }

    /// Tells whether no place was named.
    pub(crate) fn is_empty(&self) -> bool {
        self.opened.is_empty()
    }

    /// Says what each place took, and whether enough of them took all.
    fn settle(&self, session: &Session<'_>, attempts: Vec<Attempt>) -> Result<Vec<Receipt>> {
        let (mut kept, mut receipts, mut failed) = (Vec::new(), Vec::new(), Vec::new());
        for ((address, _), attempt) in self.opened.iter().zip(attempts) {
            match attempt {
                Ok(taken) => {
                    session.output.step("keep", format!("{} at {address}", things(taken.len())));
                    kept.push(address.clone());
                    receipts.extend(taken);
                }
                Err(reason) => failed.push((address, reason)),
            }
        }
        let named: Vec<Address> = self.opened.iter().map(|(address, _)| address.clone()).collect();
        let missing = self.policy.missing(&named, &kept);
        if missing.is_empty() {
            for (address, reason) in failed {
                session.output.note(printable(&format!("{address} does not keep it, and is not needed: {reason}")));
            }
            return Ok(receipts);
        }
        let reasons: Vec<String> = failed.iter().map(|(address, reason)| format!("{address}: {reason}")).collect();
        let message = format!("too few places keep it, {}\n{}", missing.join(" and "), reasons.join("\n"));
        Err(CommandError::unreachable(message)
            .hint("what was taken is noted (`modelmark storage status`); repeat this when the places are in reach"))
    }

    /// Hands everything to one place; the error says what it did not keep and why.
    async fn fill(&self, place: &dyn Remote, items: &[Item], store: &Arc<LocalStore>, progress: &dyn Watch) -> Attempt {
        let mut receipts = Vec::new();
        for item in items {
            let note = |receipt: &Receipt| redundancy::note(store, receipt);
            let kept = redundancy::keep(place, item, Arc::clone(store) as Arc<_>, progress, self.wait, note).await;
            let (receipt, condition) = kept.map_err(|error| error.to_string())?;
            if !condition.holds() {
                return Err(format!("{}: {condition}", item.root));
            }
            receipts.push(receipt);
        }
        Ok(receipts)
    }

    /// Shows what it costs where a place says so, and asks.
    async fn agree(&self, session: &Session<'_>, items: &[Item], yes: bool) -> Result<()> {
        let bytes = items.iter().map(|item| item.bytes).sum();
        let prices = join_all(self.opened.iter().map(|(address, place)| async move { (address, place.estimate(bytes).await) })).await;
        let mut paid = Vec::new();
        for (address, price) in prices {
            // A place that does not say its price does not take anything either; that is told where it matters.
            if let Ok(Some(cost)) = price {
                paid.push(printable(&format!("{} {} at {address}", cost.amount, cost.unit)));
            }
        }
        if paid.is_empty() {
            return Ok(());
        }
        let total = format!("{} for {}", paid.join(", "), crate::output::bytes(bytes));
        if yes {
            session.output.step("cost", total);
            return Ok(());
        }
        if session.output.confirm(&format!("Pay {total}?")) {
            return Ok(());
        }
        Err(CommandError::usage(format!("nothing was sent: it would cost {total}, and nobody agreed"))
            .hint("agree on the terminal, or pass `--yes`"))
    }
}

/// Returns what of a stored record places are to keep: the record, its picture and its signatures.
pub(crate) fn items(store: &LocalStore, stored: &Stored) -> Result<Vec<Item>> {
    let record: ContentId = stored.record.parse().or_refused()?;
    let picture = stored.picture.as_deref().map(str::parse).transpose().or_refused()?;
    let roots = [record].into_iter().chain(picture).chain(store.attached(&record).or_unreachable()?);
    roots.map(|root| item(store, root)).collect()
}

/// Returns one block of the store as places take it.
pub(crate) fn item(store: &LocalStore, root: ContentId) -> Result<Item> {
    let bytes = store.get(&root, modelmark_storage::MAX_BLOCK_BYTES).or_unreachable()?.unwrap_or_default();
    let media_type = match bytes.first() {
        Some(b'{') => "application/json",
        Some(0x89) => "image/png",
        _ => "application/octet-stream",
    };
    Ok(Item { root, bytes: bytes.len() as u64, media_type: media_type.to_owned(), name: None, alone: false })
}

/// Returns a model, or another tree of so many bytes, as places take it.
pub(crate) fn tree(root: ContentId, bytes: u64) -> Item {
    Item { root, bytes, media_type: "application/vnd.ipld.car".to_owned(), name: None, alone: false }
}

/// Refuses to hand something to places that the files themselves name, with the user's credentials, before the user agreed. Folders and servers of this
/// machine are taken as they are.
pub(crate) fn agree_to_named(session: &Session<'_>, args: &PlaceArgs, yes: bool) -> Result<()> {
    let far: Vec<String> = args.places.iter().filter(|place| !is_near(place)).map(ToString::to_string).collect();
    let named = args.places.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    if far.is_empty() || yes {
        session.output.note(printable(&format!("modelmark.toml decides where this is kept: {named}")));
        return Ok(());
    }
    if session.output.confirm(&format!("modelmark.toml names {}. Send it there, with your credentials?", printable(&far.join(", ")))) {
        return Ok(());
    }
    Err(CommandError::usage(format!("modelmark.toml names places beyond this machine, and nobody agreed: {}", far.join(", ")))
        .hint("agree on the terminal, pass `--yes`, or name the places yourself with `--place` or MODELMARK_PLACES"))
}

/// Tells whether a place is a folder or a server of this machine.
pub(crate) fn is_near(place: &Address) -> bool {
    place.scheme() == "file" || matches!(place.url().host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

/// Says what kind of obstacle a place was.
pub(crate) fn explain(error: RemoteError) -> CommandError {
    let kind = match &error {
        RemoteError::Scheme { .. } | RemoteError::Credential { .. } | RemoteError::Forbidden { .. } | RemoteError::Unable { .. } => {
            Kind::Usage
        }
        _ => Kind::Unreachable,
    };
    CommandError::new(kind, error)
}

fn things(count: usize) -> String {
    if count == 1 { "1 root".to_owned() } else { format!("{count} roots") }
}
