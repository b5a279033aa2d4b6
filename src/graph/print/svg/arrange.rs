//! Places for boxes from layout-rs: few crossings, long arrows led around boxes.

use super::{Arrangement, Place, Sketch};
use layout::core::base::Orientation;
use layout::core::format::{ClipHandle, RenderBackend};
use layout::core::geometry::Point;
use layout::core::style::StyleAttr;
use layout::std_shapes::shapes::{Arrow, Element, ShapeKind};
use layout::topo::layout::VisualGraph;
use std::collections::VecDeque;

pub(super) fn arrange(sketch: &Sketch) -> Arrangement {
    let mut graph = VisualGraph::new(Orientation::LeftToRight);
    let mut handles = Vec::with_capacity(sketch.sizes.len());
    for (index, &(width, height)) in sketch.sizes.iter().enumerate() {
        let element = Element::create_with_properties(
            ShapeKind::new_box(""),
            StyleAttr::simple(),
            Orientation::LeftToRight,
            Point::new(width, height),
            index.to_string(),
        );
        handles.push(graph.add_node(element));
    }
    for index in flow_order(sketch) {
        let (from, to, _) = sketch.arrows[index];
        let arrow = Arrow::simple_with_properties("", index.to_string());
        graph.add_edge(arrow, handles[from], handles[to]);
    }
    let mut canvas = Canvas(Arrangement {
        places: vec![Place::default(); sketch.sizes.len()],
        ways: vec![Vec::new(); sketch.arrows.len()],
    });
    graph.do_it(false, false, false, &mut canvas);
    canvas.0
}

/// The arrows in the order in which items flow, from the boxes that no arrow leads to. layout-rs turns an
/// arrow round when those before it lead back: so it is those that close a cycle.
fn flow_order(sketch: &Sketch) -> Vec<usize> {
    let count = sketch.ends.len();
    let mut leaving = vec![Vec::new(); count];
    let mut is_source = vec![true; count];
    for (index, &(from, to, meaning)) in sketch.arrows.iter().enumerate() {
        leaving[from].push((meaning, index));
        is_source[to] = false;
    }
    let mut seen = vec![false; count];
    let mut order = Vec::with_capacity(sketch.arrows.len());
    let sources = (0..count).filter(|&index| is_source[index]);
    for first in sources.chain(0..count) {
        let mut queue = VecDeque::from([first]);
        while let Some(from) = queue.pop_front() {
            if std::mem::replace(&mut seen[from], true) {
                continue;
            }
            leaving[from].sort_unstable();
            for &(_, index) in &leaving[from] {
                order.push(index);
                queue.push_back(sketch.arrows[index].1);
            }
        }
    }
    order
}

/// Notes where things would be drawn. Each is recognised by its index, given as its property.
struct Canvas(Arrangement);

fn index(properties: Option<String>) -> usize {
    properties.and_then(|text| text.parse().ok()).unwrap_or(usize::MAX)
}

impl RenderBackend for Canvas {
    fn draw_rect(
        &mut self,
        xy: Point,
        size: Point,
        _: &StyleAttr,
        properties: Option<String>,
        _: Option<ClipHandle>,
    ) {
        if let Some(place) = self.0.places.get_mut(index(properties)) {
            *place = Place { x: xy.x, y: xy.y, width: size.x, height: size.y };
        }
    }

    /// A path is its first point with a direction, then the others with theirs. One that layout-rs turned
    /// round has its head at the start.
    fn draw_arrow(
        &mut self,
        path: &[(Point, Point)],
        _: bool,
        head: (bool, bool),
        _: &StyleAttr,
        properties: Option<String>,
        _: &str,
    ) {
        let Some(way) = self.0.ways.get_mut(index(properties)) else { return };
        let inner = path.get(1..path.len().saturating_sub(1)).unwrap_or_default();
        way.extend(inner.iter().map(|(_, point)| (point.x, point.y)));
        if head.0 {
            way.reverse();
        }
    }

    fn draw_line(&mut self, _: Point, _: Point, _: &StyleAttr, _: Option<String>) {}
    fn draw_circle(&mut self, _: Point, _: Point, _: &StyleAttr, _: Option<String>) {}
    fn draw_text(&mut self, _: Point, _: &str, _: &StyleAttr) {}
    fn create_clip(&mut self, _: Point, _: Point, _: usize) -> ClipHandle {
        0
    }
}
