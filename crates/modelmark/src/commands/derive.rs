//! `modelmark derive`: publish a model that comes from others.

use clap::Args;
use modelmark_chain::{Status, TokenRef};

use crate::chain_source::{self, registry_of};
use crate::commands::mint::explain;
use crate::commands::publish::{self, PublishArgs};
use crate::error::{CommandError, Result};
use crate::session::Session;

/// Publish a model that comes from others: fine-tuned, adapted, merged, quantised, pruned, distilled or converted
///
/// As `publish`, with the parents in the record and on chain. A parent's share is what the creator promises it of this model's revenue; where royalties are
/// split by a vault, it is paid. Parents have to be minted before; their licence and status are shown.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  modelmark derive ./my-tune --from eip155:31337/erc721:0x…/123…,10% --license apache-2.0\n  \
                        modelmark derive ./merged --relation merge --from eip155:…/1…,5% --from eip155:…/2…,5%")]
pub(crate) struct DeriveArgs {
    /// Parent's token, and its share of the revenue if it has one; repeatable
    #[arg(long, value_name = "TOKEN[,SHARE]", required = true)]
    from: Vec<String>,
    /// How it came from them: finetune, adapter, merge, quantized, pruned, distilled, converted
    #[arg(long, value_name = "RELATION", default_value = "finetune")]
    relation: String,
    #[command(flatten)]
    publish: PublishArgs,
}

pub(crate) fn run(session: &Session<'_>, args: &DeriveArgs) -> Result<()> {
    if args.relation == "version" {
        return Err(CommandError::usage("the next version of a model is not derived from it").hint("publish it with `modelmark version`"));
    }
    let parents: Vec<_> = args.from.iter().map(|from| format!("{}={from}", args.relation)).collect();
    for from in &args.from {
        let token = from.split(',').next().unwrap_or_default();
        look(session, &args.publish, "--from", token)?;
    }
    publish::run(session, &args.publish.with_parents(parents))
}

/// Says what is known of a parent before anything is read or sent.
pub(super) fn look(session: &Session<'_>, publish: &PublishArgs, option: &str, token: &str) -> Result<()> {
    let token: TokenRef = token.parse().map_err(|error| CommandError::usage(format!("{option}: {error}")))?;
    session.block_on(async {
        let chain = chain_source::connect(session, publish.chain()).await?.chain;
        if chain.id() != token.chain() {
            session.output.note(format!("{token} is on another chain: nobody checks the claim to come from it"));
            return Ok(());
        }
        let model = registry_of(&chain, &token).model(token.id()).await.map_err(explain)?;
        let model = model.ok_or_else(|| CommandError::refused(format!("there is no token {token}")))?;
        session.output.step("parent", format!("{token}, licence {}", crate::output::printable(model.license.spdx())));
        if model.status != Status::Active {
            session.output.note(format!("its creator says that {token} is {}", model.status));
        }
        Ok(())
    })
}
