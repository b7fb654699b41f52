//! Exit codes of the `modelmark` command. They are public interface and stable.

/// The command did what it was asked; for `verify`: everything that applies passed.
pub const VERIFIED: u8 = 0;
/// `verify`: at least one check failed. Other commands: the work could not be done because of what the input holds.
pub const DOES_NOT_VERIFY: u8 = 1;
/// The command line, a configuration file or an input path is wrong.
pub const USAGE: u8 = 2;
/// Something needed was out of reach: the chain, the storage, a file that cannot be read.
pub const COULD_NOT_LOOK: u8 = 3;
/// Everything verified, but the policy refuses it.
pub const POLICY_REFUSED: u8 = 4;

/// `policy try`: the evidence in the file would verify by this policy. Nobody looked whether it is true, so that this is not 0: a gate opens on 0.
pub const WOULD_VERIFY: u8 = 5;

/// Every exit code with its meaning, for the reference page.
pub const ALL: &[(u8, &str)] = &[
    (
        VERIFIED,
        "done; for `verify`: verified, or (where a token, a CID or a record alone was named) the record and its token hold and no files were looked at, or \
         nothing is wrong with the part that `--range`, `--sample`, `--proof` or `--partial` asked for (a download \
         may be unfinished: the report tells what is missing)",
    ),
    (DOES_NOT_VERIFY, "`verify`: does not verify; other commands: refused because of what the input holds or what the contract says"),
    (
        USAGE,
        "the command line, a configuration file, a key or an input path is wrong; or nothing was sent, because the account has too little or nobody \
         agreed to the cost",
    ),
    (COULD_NOT_LOOK, "could not look: chain, storage or a file is out of reach, or the endpoint serves another chain"),
    (POLICY_REFUSED, "everything verified, but the policy refuses it, or the model or one that it comes from was recalled"),
    (
        WOULD_VERIFY,
        "`policy try`: evidence that somebody stated would verify by this policy. Nobody looked whether it is true: a gate opens on 0, and `policy try` never \
         exits with 0",
    ),
];
