//! Places for the boxes of large pictures: columns in the direction of the arrows.

use super::{Arrangement, Place, Sketch};

const COLUMN_GAP: f64 = 80.0;
const ROW_GAP: f64 = 22.0;

pub(super) fn arrange(sketch: &Sketch) -> Arrangement {
    let depths = depths(sketch);
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); depths.iter().max().map_or(0, |deepest| deepest + 1)];
    for (index, &depth) in depths.iter().enumerate() {
        columns[depth].push(index);
    }
    let mut places = vec![Place::default(); sketch.sizes.len()];
    let mut x = 0.0;
    for column in &columns {
        let widest = column.iter().map(|&index| sketch.sizes[index].0).fold(0.0, f64::max);
        let mut y = 0.0;
        for &index in column {
            let (width, height) = sketch.sizes[index];
            places[index] = Place { x: x + (widest - width) / 2.0, y, width, height };
            y += height + ROW_GAP;
        }
        x += widest + COLUMN_GAP;
    }
    Arrangement { places, ways: vec![Vec::new(); sketch.arrows.len()] }
}

/// How many arrows lead to each box at the longest. Arrows that close a cycle do not count: those that
/// remain when no box is left without an arrow to it are broken at the first box that is left.
pub(super) fn depths(sketch: &Sketch) -> Vec<usize> {
    let count = sketch.sizes.len();
    let mut behind: Vec<Vec<usize>> = vec![Vec::new(); count];
    let mut open = vec![0_usize; count];
    for &(from, to, _) in &sketch.arrows {
        behind[from].push(to);
        open[to] += 1;
    }
    let mut depths = vec![0; count];
    let mut done = vec![false; count];
    let mut ready: Vec<usize> = (0..count).rev().filter(|&index| open[index] == 0).collect();
    let mut left = 0..count;
    while let Some(index) = ready.pop().or_else(|| left.find(|&index| !done[index])) {
        if std::mem::replace(&mut done[index], true) {
            continue;
        }
        for &next in behind[index].iter().filter(|&&next| !done[next]) {
            depths[next] = depths[next].max(depths[index] + 1);
            open[next] = open[next].saturating_sub(1);
            if open[next] == 0 {
                ready.push(next);
            }
        }
    }
    depths
}
