//! Signed summaries of other verifiers: the envelope, and the statement that it holds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_oms::Envelope;
use modelmark_verify::VerificationSummary;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(envelope) = Envelope::read(bytes) {
        // What is read is written as something that reads the same.
        assert!(Envelope::read(&envelope.bytes()).is_ok());
    }
    let _ = VerificationSummary::read(bytes);
});
