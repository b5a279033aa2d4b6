//! Depth first over names: an order in which each comes after those it leads to, and the cycles on the way.

use std::collections::HashSet;

#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Walk<'a> {
    /// Every name reached, each after those that it leads to.
    pub order: Vec<&'a str>,
    /// Each cycle met, from the name where it was entered.
    pub cycles: Vec<Vec<&'a str>>,
}

/// Walks with a stack of its own: a chain of names may be longer than ours is deep.
pub(super) fn walk<'a>(
    roots: impl IntoIterator<Item = &'a str>,
    mut leads_to: impl FnMut(&'a str) -> Vec<&'a str>,
) -> Walk<'a> {
    let mut found = Walk::default();
    let mut entered = HashSet::new();
    let mut open: Vec<(&str, std::vec::IntoIter<&str>)> = Vec::new();
    for root in roots {
        if entered.insert(root) {
            open.push((root, leads_to(root).into_iter()));
        }
        while let Some((name, next)) = open.last_mut() {
            if let Some(to) = next.next() {
                if entered.insert(to) {
                    open.push((to, leads_to(to).into_iter()));
                } else if let Some(start) = open.iter().position(|&(name, _)| name == to) {
                    found.cycles.push(open[start..].iter().map(|&(name, _)| name).collect());
                }
            } else {
                found.order.push(name);
                open.pop();
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walked(edges: &'static [(&str, &[&'static str])]) -> Walk<'static> {
        walk(edges.iter().map(|(from, _)| *from), |name| {
            edges.iter().find(|(from, _)| *from == name).map_or(Vec::new(), |(_, to)| to.to_vec())
        })
    }

    #[test]
    fn what_is_led_to_comes_first() {
        let found = walked(&[("a", &["c"]), ("b", &["a"]), ("c", &[])]);
        assert_eq!(found, Walk { order: vec!["c", "a", "b"], cycles: vec![] });
    }

    #[test]
    fn each_cycle_is_met_once() {
        let found = walked(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"]), ("d", &["d"])]);
        assert_eq!(found.cycles, vec![vec!["b", "c"], vec!["d"]]);
    }
}
