//! The tables of `modelmark.toml` become claims.

use std::fmt::Display;
use std::str::FromStr;

use super::Read;
use super::tables::{
    AttachmentTable, ConsiderationsTable, ContributorTable, DatasetTable, EvaluationTable, Literal, ParentTable, Project, RunTable, Setting,
};
use crate::capture::{Claims, ParentClaim};
use crate::value::{Decimal, RoyaltyBps, ShareBps, ValueError};
use crate::{
    Attachment, Code, Considerations, Contributor, Dataset, DatasetRole, Evaluation, Framework, License, Parent, Rights, Training,
};

pub(super) fn claims(project: Project) -> Result<Read, ValueError> {
    let Project {
        model,
        creator,
        royalty,
        dataset,
        parent,
        contributor,
        evaluation,
        training,
        run,
        considerations,
        rights,
        attachment,
        chain,
        storage,
    } = project;
    let framework = model.framework.map(|name| Framework { name, version: model.framework_version });
    let claims = Claims {
        name: model.name,
        description: model.description,
        image: model.image,
        external_url: model.external_url,
        version: model.version,
        task: model.task,
        tags: model.tags,
        license: model.license.map(|spdx| License { spdx, uri: model.license_uri }),
        royalty: royalty.map(|royalty| royalty.percent.percent::<RoyaltyBps>()).transpose()?,
        creator: creator.account,
        creator_name: creator.name,
        contributors: contributor.into_iter().map(contributor_of).collect::<Result<_, _>>()?,
        framework,
        architecture: None,
        datasets: dataset.into_iter().map(dataset_of).collect::<Result<_, _>>()?,
        evaluations: evaluation.into_iter().map(evaluation_of).collect::<Result<_, _>>()?,
        parents: parent.into_iter().map(parent_of).collect::<Result<_, _>>()?,
        training: training.into_iter().map(|(key, Setting(value))| (key, value)).collect(),
        created_at: model.created_at,
        tokenizer: parsed("digest", model.tokenizer_sha256)?,
        run: run_of(run)?,
        considerations: considerations_of(considerations),
        rights: Rights { training_mining: rights.training_mining },
        attachments: attachment.into_iter().map(attachment_of).collect::<Result<_, _>>()?,
    };
    Ok(Read { claims, chain, storage })
}

fn contributor_of(table: ContributorTable) -> Result<Contributor, ValueError> {
    Ok(Contributor { account: table.account, name: table.name, share_bps: table.share.percent()? })
}

fn evaluation_of(table: EvaluationTable) -> Result<Evaluation, ValueError> {
    let EvaluationTable { task, dataset, dataset_revision, metric, value, n, harness, source, date } = table;
    Ok(Evaluation { task, dataset, dataset_revision, metric, value: value.0.try_into()?, n, harness, source, date })
}

fn dataset_of(table: DatasetTable) -> Result<Dataset, ValueError> {
    let DatasetTable { role, name, cid, root, sha256, size, files, license, revision, uri } = table;
    let (cid, root, sha256) = (parsed("CID", cid)?, parsed("digest", root)?, parsed("digest", sha256)?);
    Ok(Dataset { role: role.unwrap_or(DatasetRole::Train), name, cid, root, sha256, size, files, license, revision, uri })
}

fn parent_of(table: ParentTable) -> Result<ParentClaim, ValueError> {
    let ParentTable { relation, share, token, token_id, cid, weights_hash, evidence, uri, name } = table;
    let share_bps = share.map(|share| share.percent::<ShareBps>()).transpose()?;
    let (cid, weights_hash) = (parsed("CID", cid)?, parsed("digest", weights_hash)?);
    let evidence = evidence.into_iter().map(|text| digest(&text)).collect::<Result<_, _>>()?;
    Ok(ParentClaim { relation, share_bps, parent: Parent { token, token_id, cid, weights_hash, uri, name }, evidence })
}

fn run_of(table: RunTable) -> Result<Training, ValueError> {
    let RunTable { uri, code, commit, dirty, started_at, finished_at, hardware, devices, image, energy_kwh, co2_grams } = table;
    let decimal = |literal: Option<Literal>| literal.map(|literal| Decimal::try_from(literal.0)).transpose();
    let code = Code { uri: code, commit, dirty };
    let code = (code != Code::default()).then_some(code);
    let (energy_kwh, co2_grams) = (decimal(energy_kwh)?, decimal(co2_grams)?);
    Ok(Training { code, run: uri, started_at, finished_at, hardware, devices, image, energy_kwh, co2_grams })
}

fn considerations_of(table: ConsiderationsTable) -> Considerations {
    let ConsiderationsTable { intended_use, limitations, fairness, risks, personal_data } = table;
    Considerations { intended_use, limitations, fairness, risks, personal_data }
}

fn attachment_of(table: AttachmentTable) -> Result<Attachment, ValueError> {
    let AttachmentTable { name, media_type, cid, sha256, size } = table;
    Ok(Attachment { name, media_type, cid: digest(&cid)?, sha256: digest(&sha256)?, size })
}

fn parsed<T: FromStr<Err: Display>>(what: &'static str, text: Option<String>) -> Result<Option<T>, ValueError> {
    text.map(|text| read_as(what, &text)).transpose()
}

/// Reads a CID or digest in any of its usual spellings.
fn digest<T: FromStr<Err: Display>>(text: &str) -> Result<T, ValueError> {
    read_as("digest", text)
}

fn read_as<T: FromStr<Err: Display>>(what: &'static str, text: &str) -> Result<T, ValueError> {
    text.parse().map_err(|error| ValueError::new(what, text, format!("is refused: {error}")))
}
