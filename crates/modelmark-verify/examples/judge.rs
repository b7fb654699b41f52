//! How many reports a second one core makes: of evidence that was read before, under a policy, and with the reading of record and signatures each time.
//!
//!     cargo run --release --package modelmark-verify --example judge -- [SECONDS]
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement fails by panicking, and prints what it measured")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use modelmark_verify::{Policy, ReadEvidence, Verdict, judge};

#[path = "../tests/it/fixture.rs"]
#[expect(dead_code, reason = "tests need more of it")]
mod fixture;

fn main() {
    let seconds = std::env::args().nth(1).map_or(2.0, |text| text.parse().unwrap());
    let evidence = fixture::publish("judge", 0).evidence();
    let policy = Policy { licenses: vec!["Apache-2.0".parse().unwrap()], deny_code: true, ..Policy::default() };
    let read = ReadEvidence::of(&evidence);
    assert_eq!(read.judge(&policy).verdict, Verdict::Verified);
    let read_once = rate(seconds, || read.judge(black_box(&policy)));
    let read_each_time = rate(seconds, || judge(black_box(&evidence), &policy));
    println!("{{\"judged\":{read_once:.0},\"readAndJudged\":{read_each_time:.0}}}");
}

/// Calls a second.
fn rate<T>(seconds: f64, mut work: impl FnMut() -> T) -> f64 {
    let (start, whole) = (Instant::now(), Duration::from_secs_f64(seconds));
    let mut calls = 0_u32;
    while start.elapsed() < whole {
        for _ in 0..100 {
            black_box(work());
        }
        calls += 100;
    }
    f64::from(calls) / start.elapsed().as_secs_f64()
}
