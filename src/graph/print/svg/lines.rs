//! The lines of arrows: where they leave and meet the boxes, and how they pass those between.

use super::{Arrangement, Meaning, Place, Point};
use std::collections::BTreeMap;

/// Arrows at one side of a box stand this far apart, or closer if they must.
const APART: f64 = 13.0;
/// What stays free at both ends of a side.
const CORNER: f64 = 10.0;

/// The points of each arrow, from box to box.
pub(super) fn lines(arrows: &[(usize, usize, Meaning)], arrangement: &Arrangement) -> Vec<Vec<Point>> {
    let mut lines: Vec<Vec<Point>> = Vec::with_capacity(arrows.len());
    for (&(from, to, _), way) in arrows.iter().zip(&arrangement.ways) {
        let (from, to) = (&arrangement.places[from], &arrangement.places[to]);
        let next = way.first().copied().unwrap_or_else(|| to.middle());
        let last = way.last().copied().unwrap_or_else(|| from.middle());
        let mut line = vec![side(from, next)];
        for &point in way {
            let leftwards = line[line.len() - 1].0 > point.0;
            line.extend(past_column(&arrangement.places, point, leftwards));
        }
        line.push(side(to, last));
        lines.push(line);
    }
    spread(arrows, &arrangement.places, &mut lines);
    lines
}

/// The middle of the side that looks at a point.
fn side(place: &Place, towards: Point) -> Point {
    let (x, y) = place.middle();
    (if towards.0 >= x { place.x + place.width } else { place.x }, y)
}

/// A line that passes between the boxes of a column stays level until it is past the widest of them.
fn past_column(places: &[Place], (x, y): Point, leftwards: bool) -> [Point; 2] {
    let column = places.iter().filter(|place| place.x <= x && x <= place.x + place.width);
    let (left, right) =
        column.fold((x, x), |(left, right), place| (left.min(place.x), right.max(place.x + place.width)));
    if leftwards { [(right, y), (left, y)] } else { [(left, y), (right, y)] }
}

/// An end of a line at a side of a box: the height that the line goes on to, the arrow, and whether it
/// begins here.
type LineEnd = (f64, usize, bool);

/// Arrows that share a side of a box are set apart, in the order of where they go.
fn spread(arrows: &[(usize, usize, Meaning)], places: &[Place], lines: &mut [Vec<Point>]) {
    let mut sides: BTreeMap<(usize, bool), Vec<LineEnd>> = BTreeMap::new();
    for (index, (&(from, to, _), line)) in arrows.iter().zip(&*lines).enumerate() {
        let [first, second, ..] = line[..] else { continue };
        let [.., before, last] = line[..] else { continue };
        let right = |place: &Place, point: Point| point.0 > place.middle().0;
        sides.entry((from, right(&places[from], first))).or_default().push((second.1, index, true));
        sides.entry((to, right(&places[to], last))).or_default().push((before.1, index, false));
    }
    for ((index, _), mut ends) in sides {
        ends.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let gaps = (ends.len() - 1) as f64;
        let apart = APART.min((places[index].height - 2.0 * CORNER) / gaps.max(1.0));
        for (position, (_, arrow, begins)) in ends.into_iter().enumerate() {
            let end = if begins { lines[arrow].first_mut() } else { lines[arrow].last_mut() };
            if let Some(point) = end {
                point.1 += (position as f64 - gaps / 2.0) * apart;
            }
        }
    }
}

/// A curve through the points that is level at each of them.
pub(super) fn curve(points: &[Point]) -> String {
    let Some(&(x, y)) = points.first() else { return String::new() };
    let mut text = format!("M{x:.1} {y:.1}");
    for pair in points.windows(2) {
        let ((x1, y1), (x2, y2)) = (pair[0], pair[1]);
        let middle = f64::midpoint(x1, x2);
        text.push_str(&format!(" C{middle:.1} {y1:.1} {middle:.1} {y2:.1} {x2:.1} {y2:.1}"));
    }
    text
}
