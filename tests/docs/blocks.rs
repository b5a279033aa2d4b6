//! The programs of a page and what is said of them in comments around them.

/// A ```` ```proc ```` block.
pub struct Block {
    /// Where it begins, from 1.
    pub line: usize,
    pub text: String,
    /// `<!-- fails: P0107 -->` before it: a problem that the check finds.
    pub fails: Option<String>,
    /// `<!-- file: scripts/hello.proc -->` before it: the file that it shows.
    pub file: Option<String>,
    pub output: Option<Output>,
}

/// A ```` ```text ```` block behind a program, headed by `<!-- output -->`, `<!-- output: exit 3 -->` or
/// `<!-- output: --top 4 -->`.
pub struct Output {
    pub text: String,
    pub status: u8,
    pub arguments: Vec<String>,
}

pub fn blocks_of(page: &str) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut lines = page.lines().enumerate();
    let mut comment = "";
    while let Some((index, line)) = lines.next() {
        let Some(language) = line.strip_prefix("```") else {
            if !line.is_empty() {
                comment = line;
            }
            continue;
        };
        let inner = lines.by_ref().map(|(_, line)| line).take_while(|line| !line.starts_with("```"));
        let text: String = inner.flat_map(|line| [line, "\n"]).collect();
        if language == "proc" {
            let (fails, file) = (said(comment, "fails"), said(comment, "file"));
            blocks.push(Block { line: index + 1, text, fails, file, output: None });
        } else if let (Some(words), Some(block)) = (said(comment, "output"), blocks.last_mut()) {
            block.output = Some(output(text, &words));
        }
        comment = "";
    }
    blocks
}

/// What `<!-- KEY: WORDS -->` says; nothing for `<!-- KEY -->`.
fn said(comment: &str, key: &str) -> Option<String> {
    let inner = comment.strip_prefix("<!-- ")?.strip_suffix(" -->")?;
    let rest = inner.strip_prefix(key)?;
    Some(rest.trim_start_matches(':').trim().to_owned())
}

fn output(text: String, words: &str) -> Output {
    let (status, arguments) = match words.strip_prefix("exit ") {
        Some(code) => (code.parse().expect("an exit status is a number"), Vec::new()),
        None => (0, words.split_whitespace().map(str::to_owned).collect()),
    };
    Output { text, status, arguments }
}
