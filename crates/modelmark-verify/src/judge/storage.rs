//! What places said when they took the model. Told, and believed by nobody: a policy may count it.

use modelmark_remote::Receipt;

use super::{check, listed};
use crate::evidence::Look;
use crate::{Check, Code, Status};

pub(super) fn receipts(receipts: &Look<Vec<Receipt>>) -> Check {
    const CODE: Code = Code::StorageReceipts;
    match receipts {
        Look::Found(receipts) if !receipts.is_empty() => {
            let message = match receipts.len() {
                1 => "a place said that it took the model, which is its word".to_owned(),
                count => format!("{count} places said that they took the model, which is their word"),
            };
            Check { status: Status::Pass, ..listed(CODE, message, receipts.iter().map(line).collect()) }
        }
        Look::Found(_) => check(CODE, Status::Skipped, "no place said that it took the model"),
        Look::Absent(why) | Look::Unreachable(why) => check(CODE, Status::Skipped, format!("the receipts cannot be read: {why}")),
        Look::NotAsked => check(CODE, Status::Skipped, "there is no valid record whose model a place could have taken"),
    }
}

fn line(receipt: &Receipt) -> String {
    let until = receipt.expires.as_deref().map(|until| format!(", until {until}")).unwrap_or_default();
    format!("{}, since {}{until}", receipt.place, receipt.at)
}
