//! Random changes of inputs, for toolchains without a fuzzer. The same seed gives the same inputs.

/// A small generator (`SplitMix64`).
pub struct Random(pub u64);

impl Random {
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// A number below `n`, which is at least 1.
    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from(self.number() % (n.max(1) as u64)).unwrap_or(0)
    }

    fn byte(&mut self) -> u8 {
        self.number().to_le_bytes()[0]
    }
}

/// Pieces that parsers care about.
const PIECES: &[&[u8]] = &[
    b":",
    b",",
    b"-",
    b"-1",
    b"0",
    b"9223372036854775807",
    b"-9223372036854775808",
    b"18446744073709551616",
    b"1e400",
    b"NaN",
    b"inf",
    b";q=",
    b"=",
    b"&",
    b"%",
    b"%2F",
    b"%ff",
    b"+",
    b"*",
    b"/",
    b"\"",
    b"'",
    b"\\",
    b"[",
    b"]",
    b"(",
    b")",
    b"{",
    b"}",
    b"null",
    b"true",
    b"\x00",
    b"\xff\xfe",
    b"\xf0\x9f\xa6\x80",
    b"<f8",
    b"|V0",
    b"[ns]",
    b"\n",
    b"  ",
    b"W/",
    b"bytes=",
    b"_",
    b".",
    b"a",
    b"\"a\"",
];

/// An input made from one or two seeds by a few random changes.
pub fn change(random: &mut Random, seeds: &[&[u8]]) -> Vec<u8> {
    let mut out = seeds.get(random.below(seeds.len())).map_or_else(Vec::new, |s| s.to_vec());
    for _ in 0..=random.below(6) {
        let at = random.below(out.len() + 1);
        let end = (at + random.below(8)).min(out.len());
        let piece = PIECES.get(random.below(PIECES.len())).copied().unwrap_or(b"");
        match random.below(6) {
            0 => drop(out.splice(at..end, piece.iter().copied())),
            1 => drop(out.splice(at..at, piece.iter().copied())),
            2 => drop(out.drain(at..end)),
            3 => {
                let byte = random.byte();
                if let Some(b) = out.get_mut(at) {
                    *b = byte;
                }
            }
            4 => {
                let part: Vec<u8> = out.get(at..end).unwrap_or(&[]).repeat(1 + random.below(4));
                drop(out.splice(end..end, part));
            }
            _ => {
                let other = seeds.get(random.below(seeds.len())).copied().unwrap_or(b"");
                let from = random.below(other.len() + 1);
                out.truncate(at);
                out.extend_from_slice(other.get(from..).unwrap_or(b""));
            }
        }
    }
    out
}
