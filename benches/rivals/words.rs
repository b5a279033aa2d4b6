//! Text to count words in: the same each time, with a few frequent words and many rare ones.

use std::fmt::Write;
use std::path::Path;
use std::{fs, io};

const FILES: u64 = 16;
const FILE_BYTES: usize = 12_500_000;
const WORDS: u64 = 50_000;

/// Makes the files, unless they are there.
pub fn make(folder: &Path) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for i in 0..FILES {
        let path = folder.join(format!("{i:02}.txt"));
        if fs::metadata(&path).is_ok_and(|it| it.len() >= FILE_BYTES as u64) {
            continue;
        }
        fs::write(path, text(i + 1))?;
    }
    Ok(())
}

fn text(seed: u64) -> String {
    let mut text = String::with_capacity(FILE_BYTES + 100);
    let mut state = seed;
    while text.len() < FILE_BYTES {
        for _ in 0..12 {
            // A product of two numbers that are spread evenly: small ones are frequent.
            let word = below(&mut state, WORDS) * below(&mut state, WORDS) / WORDS;
            write!(text, "w{:x} ", word * 2_654_435_761 % 1_000_003).expect("a string takes everything");
        }
        text.pop();
        text.push('\n');
    }
    text
}

/// A linear congruential generator: what matters is that it is the same everywhere.
fn below(state: &mut u64, end: u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) % end
}
