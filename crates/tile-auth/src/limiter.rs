//! How many requests per second a token may make.
//!
//! Each name has a bucket of as many requests as its limit, which fills at the limit's rate (the generic cell rate
//! algorithm: one number for each name, the time at which its bucket is full again). Names of JWTs come from outside and
//! are without end, so the table is of a fixed size, and a name is known by a digest that outsiders cannot foresee.

use sha2::{Digest, Sha256};

/// A bucket is one second's worth, in picoseconds: a request's part of it is then exact enough at any limit.
const SECOND_PS: i128 = 1_000_000_000_000;
/// A name has its place in one of these many, so that a full table costs a few look-ups.
const WAYS: usize = 8;

/// Above this a limit is this: time is counted too coarsely for more, and no machine answers as much.
const LIMIT_MAX: u32 = 1_000_000;

/// Counts requests by name. Cost: one digest and eight look-ups for each.
#[derive(Clone, Debug)]
pub struct RateLimiter {
    seed: [u8; 16],
    slots: Vec<Slot>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    name: u128,
    full_ps: i128,
}

/// What the limiter says to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    pub limit: u32,
    /// Requests that would be permitted at once after this one.
    pub remaining: u32,
    /// Seconds until the bucket is full, rounded up.
    pub reset_s: u32,
    /// Seconds until the next request is permitted, rounded up; only when this one is not.
    pub retry_after_s: Option<u32>,
}

impl Decision {
    pub const fn is_permitted(&self) -> bool {
        self.retry_after_s.is_none()
    }

    /// For the answer, whether it is permitted or a 429.
    pub fn headers(&self) -> Vec<(&'static str, String)> {
        let mut headers = vec![
            ("X-RateLimit-Limit", self.limit.to_string()),
            ("X-RateLimit-Remaining", self.remaining.to_string()),
            ("X-RateLimit-Reset", self.reset_s.to_string()),
        ];
        headers.extend(self.retry_after_s.map(|seconds| ("Retry-After", seconds.to_string())));
        headers
    }
}

impl RateLimiter {
    /// A table for about this many names at a time, 32 bytes each. The seed is random.
    ///
    /// When more names than that are busy within one second, the one that was busy least is forgotten, and may make its
    /// limit's requests again.
    pub fn new(names_max: usize, seed: [u8; 16]) -> Self {
        let groups = names_max.div_ceil(WAYS).clamp(1, 1 << 20);
        Self { seed, slots: vec![Slot::default(); groups * WAYS] }
    }

    /// Counts one request, when it is permitted. JWTs of one workspace that share a name share its limit.
    pub fn check(&mut self, workspace_id: &str, name: &str, limit: u32, now_us: i64) -> Decision {
        let limit = limit.clamp(1, LIMIT_MAX);
        let (now, step) = (i128::from(now_us) * 1_000_000, SECOND_PS / i128::from(limit));
        let bucket = step * i128::from(limit);
        let slot = self.slot(workspace_id, name, now);
        // A bucket is full within a second. What is further ahead is from a clock that was set back, but for what the times
        // of requests that come at once differ by.
        let full = if slot.full_ps > now + 2 * SECOND_PS { now } else { slot.full_ps.max(now) };
        let permitted = full + step - now <= bucket;
        slot.full_ps = if permitted { full + step } else { full };
        let ahead = slot.full_ps - now;
        Decision {
            limit,
            remaining: u32::try_from((bucket - ahead).max(0) / step).unwrap_or(limit),
            reset_s: seconds(ahead),
            retry_after_s: (!permitted).then(|| seconds(ahead + step - bucket).max(1)),
        }
    }

    fn slot(&mut self, workspace_id: &str, name: &str, now: i128) -> &mut Slot {
        let digest = Sha256::new().chain_update(self.seed).chain_update(workspace_id).chain_update([0]);
        let digest = digest.chain_update(name).finalize();
        let name = digest.iter().take(16).fold(0_u128, |name, byte| name << 8 | u128::from(*byte)).max(1);
        let groups = self.slots.len() / WAYS;
        let group = usize::try_from(name % groups as u128).unwrap_or(0);
        let ways = &mut self.slots[group * WAYS..(group + 1) * WAYS];
        let mut place = 0;
        for (i, slot) in ways.iter().enumerate() {
            if slot.name == name {
                return &mut ways[i];
            }
            if slot.full_ps < ways[place].full_ps {
                place = i;
            }
        }
        ways[place] = Slot { name, full_ps: now };
        &mut ways[place]
    }
}

fn seconds(ps: i128) -> u32 {
    u32::try_from((ps + SECOND_PS - 1) / SECOND_PS).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limiter() -> RateLimiter {
        RateLimiter::new(64, [7; 16])
    }

    #[test]
    fn a_limit_is_permitted_at_once_and_comes_back_at_its_rate() {
        let mut limiter = limiter();
        let now = 1_800_000_000_000_000;
        let remaining: Vec<u32> = (0..3).map(|_| limiter.check("w", "n", 3, now).remaining).collect();
        assert_eq!(remaining, [2, 1, 0]);
        let refused = limiter.check("w", "n", 3, now);
        assert_eq!(refused, Decision { limit: 3, remaining: 0, reset_s: 1, retry_after_s: Some(1) });
        let headers: Vec<String> = refused.headers().iter().map(|(k, v)| format!("{k}: {v}")).collect();
        let wanted =
            ["X-RateLimit-Limit: 3", "X-RateLimit-Remaining: 0", "X-RateLimit-Reset: 1", "Retry-After: 1"];
        assert_eq!(headers, wanted);
        assert!(!limiter.check("w", "n", 3, now + 333_332).is_permitted());
        let permitted = limiter.check("w", "n", 3, now + 333_334);
        assert!(permitted.is_permitted() && permitted.headers().len() == 3);
        assert!(!limiter.check("w", "n", 3, now + 333_335).is_permitted());
        assert_eq!(limiter.check("w", "n", 3, now + 2_000_000).remaining, 2);
    }

    #[test]
    fn each_limit_holds_over_many_seconds() {
        for limit in [1, 2, 7, 30, 999, 31_623, 1_000_000, u32::MAX] {
            let (mut limiter, mut permitted) = (limiter(), 0_u64);
            let requests = 300_000_u64;
            for i in 0..requests {
                let now_us = i64::try_from(i * 10).unwrap();
                permitted += u64::from(limiter.check("w", "n", limit, now_us).is_permitted());
            }
            // One bucket at the beginning, and three seconds of filling.
            let most = (u64::from(limit) * 4).min(requests);
            assert!(
                permitted <= most && permitted >= (u64::from(limit) * 39 / 10).min(requests),
                "{limit}: {permitted}"
            );
        }
    }

    #[test]
    fn names_and_workspaces_are_counted_alone() {
        let mut limiter = limiter();
        assert!(limiter.check("w", "a", 1, 0).is_permitted());
        assert!(!limiter.check("w", "a", 1, 0).is_permitted());
        assert!(limiter.check("w", "b", 1, 0).is_permitted());
        assert!(
            limiter.check("wa", "", 1, 0).is_permitted() && limiter.check("w2", "a", 1, 0).is_permitted()
        );
        assert!(limiter.check("w", "zero", 0, 0).is_permitted());
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let mut limiter = limiter();
        assert!(limiter.check("w", "n", 1, 10_000_000).is_permitted());
        for now_us in [9_999_999, 9_500_000, 9_000_001] {
            assert_eq!(limiter.check("w", "n", 1, now_us).remaining, 0);
            assert!(!limiter.check("w", "n", 1, now_us).is_permitted());
        }
        assert!(limiter.check("w", "n", 1, 1_000_000).is_permitted());
        assert!(
            limiter.check("w", "n", 1, i64::MAX).is_permitted()
                && limiter.check("w", "n", 1, i64::MIN).is_permitted()
        );
    }

    #[test]
    fn many_names_take_no_more_memory() {
        let mut limiter = limiter();
        let places = limiter.slots.len();
        for i in 0..10_000_i64 {
            assert!(limiter.check("w", &i.to_string(), 5, i).is_permitted());
        }
        assert_eq!((limiter.slots.len(), limiter.slots.capacity()), (places, places));
        assert_eq!(RateLimiter::new(0, [0; 16]).slots.len(), WAYS);
        assert!(RateLimiter::new(usize::MAX, [0; 16]).slots.len() <= WAYS << 20);
    }
}
