//! Counts the lines of a program that say what it does: without empty ones, comments and documentation.

/// The lines of a script of ours.
pub fn of_script(text: &str) -> usize {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("//") && !line.starts_with("#!"))
        .count()
}

/// The lines of a program in Python; documentation is what stands between lines with three quotes.
pub fn of_python(text: &str) -> usize {
    let mut within = false;
    let mut count = 0;
    for line in text.lines().map(str::trim) {
        let quotes = line.matches("\"\"\"").count();
        let documents = within || quotes > 0;
        within ^= quotes % 2 == 1;
        count += usize::from(!documents && !line.is_empty() && !line.starts_with('#'));
    }
    count
}
