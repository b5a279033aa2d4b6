//! The nearest known word to one that is not known.

/// The candidate with the smallest edit distance to `word`, when that is at most a third of the word's
/// length (and always when it is one edit of two letters or more). Of equally near ones the first in the
/// alphabet, so that the answer does not depend on the order of the candidates.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let length = word.chars().count();
    if length > LENGTH_MAX {
        return None;
    }
    let limit = (length / 3).max(1);
    candidates
        .into_iter()
        .filter(|candidate| *candidate != word && candidate.chars().count().abs_diff(length) <= limit)
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|&(distance, candidate)| {
            distance <= limit && distance < candidate.chars().count().max(length)
        })
        .min()
        .map(|(_, candidate)| candidate)
}

/// Longer words are not misspelt names, and comparing them would take quadratic time.
const LENGTH_MAX: usize = 200;

/// Edits (insert, remove, replace a letter, swap two neighbours) from one word to the other. Case counts as
/// no edit of its own kind: a letter in the wrong case is a replaced one.
fn distance(from: &str, to: &str) -> usize {
    let from: Vec<char> = from.chars().collect();
    let to: Vec<char> = to.chars().collect();
    let mut older = Vec::new();
    let mut old: Vec<usize> = (0..=to.len()).collect();
    for (row, &letter) in from.iter().enumerate() {
        let mut new = vec![row + 1];
        for (column, &other) in to.iter().enumerate() {
            let replaced = old[column] + usize::from(letter != other);
            let mut best = replaced.min(old[column + 1] + 1).min(new[column] + 1);
            let swapped = row > 0 && column > 0 && letter == to[column - 1] && from[row - 1] == other;
            if swapped {
                best = best.min(older[column - 1] + 1);
            }
            new.push(best);
        }
        older = std::mem::replace(&mut old, new);
    }
    old[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_edit_counts_one() {
        assert_eq!(distance("lines", "lines"), 0);
        assert_eq!(distance("lines", "line"), 1);
        assert_eq!(distance("lines", "linnes"), 1);
        assert_eq!(distance("lines", "limes"), 1);
        assert_eq!(distance("lines", "liens"), 1);
        assert_eq!(distance("", "ab"), 2);
        assert_eq!(distance("kitten", "sitting"), 3);
    }

    #[test]
    fn only_near_words_are_offered() {
        assert_eq!(nearest("resluts", ["results", "lines"]), Some("results"));
        assert_eq!(nearest("lines", ["results", "counts"]), None);
        assert_eq!(nearest("verbsoe", ["verbose"]), Some("verbose"));
        assert_eq!(nearest("q", ["p"]), None, "one letter replaced by another is another word");
        assert_eq!(nearest("q", ["qs"]), Some("qs"));
        assert_eq!(nearest("", ["a"]), None);
    }

    #[test]
    fn ties_do_not_depend_on_the_order() {
        assert_eq!(nearest("cat", ["cap", "car"]), Some("cap"));
        assert_eq!(nearest("cat", ["car", "cap"]), Some("cap"));
    }

    #[test]
    fn a_huge_word_is_not_compared() {
        let word = "x".repeat(1_000_000);
        assert_eq!(nearest(&word, [word[1..].to_owned().as_str()]), None);
    }
}
