//! Reads paths from standard input and prints for each how many places of its code cells could not be read.

use std::io::{BufRead, Write};

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout().lock();
    for path in std::io::stdin().lock().lines() {
        let path = path?;
        let bytes = std::fs::read(&path)?;
        let problems = credscope_tests::fixing::problems(&path, &bytes);
        writeln!(out, "{problems}\t{path}")?;
    }
    Ok(())
}
