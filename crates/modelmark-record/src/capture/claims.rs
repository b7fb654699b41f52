//! What one source says about a model.

use std::collections::BTreeMap;

use modelmark_digest::Sha256Digest;

use crate::{
    Account, Architecture, Attachment, Considerations, Contributor, Dataset, Evaluation, Framework, ImageUri, Label, License, Parent,
    Prose, Relation, Rights, RoyaltyBps, Scalar, ShareBps, Timestamp, Training, Uri,
};

/// What one source says about a model; everything is optional. A caller fills one from its flags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    /// Name of the model.
    pub name: Option<Label>,
    /// What the model is.
    pub description: Option<Prose>,
    /// Picture; without one a picture is drawn.
    pub image: Option<ImageUri>,
    /// Page about the model.
    pub external_url: Option<Uri>,
    /// Version of the model.
    pub version: Option<Label>,
    /// What the model is for.
    pub task: Option<Label>,
    /// Free words.
    pub tags: Vec<Label>,
    /// Terms of use.
    pub license: Option<License>,
    /// Part of a sale's price.
    pub royalty: Option<RoyaltyBps>,
    /// Account of the creator.
    pub creator: Option<Account>,
    /// Name of the creator.
    pub creator_name: Option<Label>,
    /// Who shares in the model.
    pub contributors: Vec<Contributor>,
    /// Software that made or loads the model.
    pub framework: Option<Framework>,
    /// Architecture.
    pub architecture: Option<Architecture>,
    /// Digest of the tokenizer's files.
    pub tokenizer: Option<Sha256Digest>,
    /// The training run.
    pub run: Training,
    /// Data.
    pub datasets: Vec<Dataset>,
    /// Measurements.
    pub evaluations: Vec<Evaluation>,
    /// What a user should weigh.
    pub considerations: Considerations,
    /// What is permitted beyond the licence.
    pub rights: Rights,
    /// Documents that travel with the record.
    pub attachments: Vec<Attachment>,
    /// Parents, bound to bytes or only named.
    pub parents: Vec<ParentClaim>,
    /// Settings of the training run.
    pub training: BTreeMap<Label, Scalar>,
    /// Time that the creator states.
    pub created_at: Option<Timestamp>,
}

/// A parent as a source names it, not necessarily bound to a digest or token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ParentClaim {
    /// How the model was made from it; a fine-tune when nobody says.
    pub relation: Option<Relation>,
    /// Share of the revenue that goes to it.
    pub share_bps: Option<ShareBps>,
    /// The parent.
    pub parent: Parent,
    /// SHA-256 of documents that show it.
    pub evidence: Vec<Sha256Digest>,
}
