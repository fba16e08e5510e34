#![no_main]
libfuzzer_sys::fuzz_target!(|data: &[u8]| tile_fuzz::ndjson::run(data));
