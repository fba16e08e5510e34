//! Events in files: the same for every engine. They come in the order of their time, as events do.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

pub const ROWS_PER_FILE: usize = 20_000;
/// Four weeks, which all rows cover.
const SECONDS: usize = 28 * 86_400;
/// The first of January 2024.
const START: usize = 1_704_067_200;

/// Files `00000.ndjson` and so on in `folder`, made where they are not there.
pub fn files(folder: &Path, count: usize) -> Result<Vec<PathBuf>> {
    fs::create_dir_all(folder)?;
    let mut out = Vec::with_capacity(count);
    for file in 0..count {
        let path = folder.join(format!("{file:05}.ndjson"));
        if !path.exists() {
            let part = folder.join("part");
            fs::write(&part, body(file, count))?;
            fs::rename(&part, &path).with_context(|| format!("failed to make `{}`", path.display()))?;
        }
        out.push(path);
    }
    Ok(out)
}

/// The rows of one of so many files.
pub fn body(file: usize, files: usize) -> String {
    let mut random = Random(file as u64 + 1);
    let mut out = String::with_capacity(ROWS_PER_FILE * 230);
    for row in 0..ROWS_PER_FILE {
        let at = START + (file * ROWS_PER_FILE + row) * SECONDS / (files * ROWS_PER_FILE);
        let (day, second) = ((at - START) / 86_400 + 1, at % 86_400);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let action = ["hit", "click", "buy"][random.below(3)];
        let country = ["de", "fr", "es", "us"][random.below(4)];
        // Writing to a `String` cannot fail.
        let _ = writeln!(
            out,
            r#"{{"timestamp": "2024-01-{day:02} {hour:02}:{minute:02}:{second:02}", "session_id": "s{}", "action": "{action}", "version": "1", "user_id": {}, "price": {}.{:02}, "country": "{country}", "url": "https://example.com/a/{}", "duration": {}, "ok": 1}}"#,
            random.below(100_000),
            random.below(1_000_000_000),
            random.below(100),
            random.below(100),
            random.below(1000),
            random.below(5000),
        );
    }
    out
}

/// Numbers that look random and are the same in each run (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33;
        usize::try_from(high).unwrap_or(0) % bound
    }
}

#[cfg(test)]
mod tests {
    use super::{ROWS_PER_FILE, body};

    #[test]
    fn rows_follow_one_another_in_time() {
        let (first, last) = (body(0, 2), body(1, 2));
        assert_eq!(first.lines().count(), ROWS_PER_FILE);
        assert!(first.starts_with(r#"{"timestamp": "2024-01-01 00:00:00""#));
        assert!(last.starts_with(r#"{"timestamp": "2024-01-15 00:00:00""#));
        assert!(last.lines().last().is_some_and(|line| line.contains("2024-01-28 23:58")));
        assert_eq!(body(0, 2), first);
    }
}
