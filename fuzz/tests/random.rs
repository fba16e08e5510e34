//! Every target on random changes of its seeds. `FUZZ_ROUNDS` sets how many, `FUZZ_SEED` which.

use tile_fuzz::TARGETS;
use tile_fuzz::random::{Random, change};

#[expect(clippy::expect_used, reason = "a setting that is no number ends the test")]
fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).ok().map_or(default, |text| text.parse().expect(name))
}

#[test]
fn targets_hold_on_random_inputs() {
    let (rounds, seed) = (setting("FUZZ_ROUNDS", 50_000), setting("FUZZ_SEED", 1));
    for (name, run, seeds) in TARGETS {
        for input in *seeds {
            run(input);
        }
        let mut random = Random(seed);
        for round in 0..rounds {
            let input = change(&mut random, seeds);
            if let Err(panic) = std::panic::catch_unwind(|| run(&input)) {
                println!("{name}, round {round}: {:?}", String::from_utf8_lossy(&input));
                println!("bytes: {input:?}");
                std::panic::resume_unwind(panic);
            }
        }
    }
}

#[test]
fn changes_are_varied_and_repeatable() {
    for (name, _, seeds) in TARGETS {
        let inputs = |seed| {
            (0..1000).map(|_| ()).scan(Random(seed), |r, ()| Some(change(r, seeds))).collect::<Vec<_>>()
        };
        let first = inputs(1);
        assert_eq!(first, inputs(1), "{name}");
        assert_ne!(first, inputs(2), "{name}");
        let distinct: std::collections::HashSet<_> = first.iter().collect();
        assert!(distinct.len() > 800, "{name}: {} of 1000 differ", distinct.len());
    }
}
