//! What lies beside weights: indexes of shards, configurations of models, pipelines and adapters. No panic, and no name of a shard leads elsewhere.
#![no_main]

use libfuzzer_sys::fuzz_target;
use modelmark_formats::{Adapter, Architecture, Config, Shard, ShardIndex, plain_path};

fuzz_target!(|json: &[u8]| {
    if let Ok(index) = ShardIndex::parse(json) {
        assert!(index.shards().all(|shard| plain_path(shard) == Ok(shard)));
        let _ = index.check(&|_| Shard::Missing);
    }
    if let Ok(config) = Config::parse(json) {
        let _ = config.architecture();
    }
    if let Ok(adapter) = Adapter::parse(json) {
        let _ = adapter.findings();
    }
    let _ = Architecture::of_pipeline(json);
});
