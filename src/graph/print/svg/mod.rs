//! A graph as a picture: processes are boxes, queues are pills, items flow from left to right.
//!
//! Where the boxes go is decided by layout-rs in [`arrange`], or, for pictures that would take it too long,
//! by simple columns; what they look like is decided here.

mod arrange;
mod columns;
mod lines;

use super::picture::{End, Grouping, Meaning, Picture};
use crate::graph::Graph;

/// layout-rs takes more than a second beyond one of these. It lays a box of its own into every column that
/// an arrow crosses, so the columns crossed by all arrows together count too.
const ARRANGED_BOXES_MAX: usize = 80;
const ARRANGED_ARROWS_MAX: usize = 120;
const ARRANGED_CROSSED_MAX: usize = 700;
/// More boxes than this are too many to read: replicas of several starts become one.
const BOXES_MAX: usize = 120;

const MARGIN: f64 = 24.0;
const TITLE_HEIGHT: f64 = 40.0;
/// Longer lines are cut; the whole text is in the box's tooltip.
const LINE_MAX: usize = 44;
const STYLE: &str = "\
text { font-family: ui-sans-serif, system-ui, 'Segoe UI', Helvetica, Arial, sans-serif; }
.title { font-size: 18px; font-weight: 600; fill: #1f2933; }
.name { font-size: 14px; font-weight: 600; fill: #1f2933; text-anchor: middle; }
.more { font-size: 11.5px; fill: #52606d; text-anchor: middle; }
.word { font-size: 11px; fill: #7b8794; text-anchor: middle; stroke: #ffffff; stroke-width: 5px; paint-order: stroke; }
.process { fill: #e8f1fd; stroke: #2f6db5; stroke-width: 1.5; }
.daemon { fill: #f5f7fa; stroke-dasharray: 5 4; }
.queue { fill: #fff4dd; stroke: #c07f13; stroke-width: 1.5; }
.inner { fill: none; stroke: #c07f13; stroke-width: 1; }
.arrow { fill: none; stroke: #52606d; stroke-width: 1.5; }
.after { stroke: #7b8794; stroke-dasharray: 6 4; }
.dead { stroke: #c23b3b; stroke-dasharray: 2 4; }
";

/// A place for a box.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Place {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

type Point = (f64, f64);

/// Places for all boxes of a picture, and, for each arrow, the points between its ends.
#[derive(Clone, Debug, Default)]
struct Arrangement {
    places: Vec<Place>,
    ways: Vec<Vec<Point>>,
}

/// A picture with all that layout needs to know: boxes with their sizes, arrows as pairs of boxes.
struct Sketch {
    picture: Picture,
    ends: Vec<End>,
    /// Width and height.
    sizes: Vec<(f64, f64)>,
    arrows: Vec<(usize, usize, Meaning)>,
}

/// A complete SVG document.
#[must_use]
pub fn svg(graph: &Graph) -> String {
    let mut sketch = Sketch::new(Picture::of(graph, Grouping::Start));
    if sketch.ends.len() > BOXES_MAX {
        sketch = Sketch::new(Picture::of(graph, Grouping::Label));
    }
    let mut arrangement =
        if sketch.is_small() { arrange::arrange(&sketch) } else { columns::arrange(&sketch) };
    let (width, height) = arrangement.settle();
    sketch.document(&graph.name, &arrangement, width, height)
}

impl Place {
    fn middle(&self) -> Point {
        (self.x + self.width / 2.0, self.y + self.height / 2.0)
    }
}

impl Arrangement {
    /// Moves everything below the title and into view; gives the size of the whole.
    fn settle(&mut self) -> (f64, f64) {
        let corners = self
            .places
            .iter()
            .flat_map(|place| [(place.x, place.y), (place.x + place.width, place.y + place.height)]);
        let points: Vec<Point> = corners.chain(self.ways.iter().flatten().copied()).collect();
        let least = |of: fn(&Point) -> f64| points.iter().map(of).reduce(f64::min).unwrap_or(0.0);
        let most = |of: fn(&Point) -> f64| points.iter().map(of).reduce(f64::max).unwrap_or(0.0);
        let (left, top) = (least(|point| point.0), least(|point| point.1));
        let (width, height) = (most(|point| point.0) - left, most(|point| point.1) - top);
        let (right, down) = (MARGIN - left, MARGIN + TITLE_HEIGHT - top);
        for place in &mut self.places {
            (place.x, place.y) = (place.x + right, place.y + down);
        }
        for point in self.ways.iter_mut().flatten() {
            *point = (point.0 + right, point.1 + down);
        }
        (width + 2.0 * MARGIN, height + 2.0 * MARGIN + TITLE_HEIGHT)
    }
}

impl Sketch {
    fn new(picture: Picture) -> Self {
        let ends: Vec<End> = picture.boxes().collect();
        let queues_from = picture.processes.len();
        let index = |end: End| match end {
            End::Process(index) => index,
            End::Queue(index) => queues_from + index,
        };
        let arrows = picture.arrows.iter().map(|&(from, to, meaning)| (index(from), index(to), meaning));
        let arrows = arrows.filter(|(from, to, _)| from != to).collect();
        let sizes = ends.iter().map(|&end| size(&picture, end)).collect();
        Sketch { picture, ends, sizes, arrows }
    }

    /// Whether layout-rs can arrange it, which does not take an empty picture, and takes long for a large one.
    fn is_small(&self) -> bool {
        let fits = (1..=ARRANGED_BOXES_MAX).contains(&self.ends.len());
        fits && self.arrows.len() <= ARRANGED_ARROWS_MAX && {
            let depths = columns::depths(self);
            let crossed = self.arrows.iter().map(|arrow| depths[arrow.0].abs_diff(depths[arrow.1]));
            crossed.sum::<usize>() <= ARRANGED_CROSSED_MAX
        }
    }

    fn document(&self, name: &str, arrangement: &Arrangement, width: f64, height: f64) -> String {
        let width = width.max(text_width(name, 10.0) + 2.0 * MARGIN);
        let title = escaped(name);
        let mut text = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" \
             viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\n<title>{title}</title>\n\
             <style>\n{STYLE}</style>\n<defs>\n"
        );
        for (id, colour) in [("items", "#52606d"), ("after", "#7b8794"), ("dead", "#c23b3b")] {
            text.push_str(&format!(
                "<marker id=\"{id}\" markerWidth=\"9\" markerHeight=\"8\" refX=\"8.5\" refY=\"4\" \
                 markerUnits=\"userSpaceOnUse\" orient=\"auto\"><path d=\"M0 0L9 4L0 8z\" fill=\"{colour}\"/></marker>\n"
            ));
        }
        text.push_str("</defs>\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n");
        text.push_str(&format!("<text class=\"title\" x=\"{MARGIN}\" y=\"34\">{title}</text>\n"));
        self.draw_arrows(arrangement, &mut text);
        for (&end, place) in self.ends.iter().zip(&arrangement.places) {
            self.draw_box(end, *place, &mut text);
        }
        text.push_str("</svg>\n");
        text
    }

    fn draw_box(&self, end: End, place: Place, text: &mut String) {
        let lines = self.picture.lines(end);
        text.push_str(&format!("<g><title>{}</title>\n", escaped(&lines.join("\n"))));
        match end {
            End::Process(index) => {
                let processes = &self.picture.processes[index];
                let class = if processes.daemon { "process daemon" } else { "process" };
                // Replicas stand behind the first.
                if processes.nodes.len() > 1 {
                    text.push_str(&rectangle(place, class, 8.0, 4.0));
                }
                text.push_str(&rectangle(place, class, 8.0, 0.0));
            }
            End::Queue(index) => {
                let queues = &self.picture.queues[index];
                if queues.count > 1 {
                    text.push_str(&rectangle(place, "queue", place.height / 2.0, 4.0));
                }
                text.push_str(&rectangle(place, "queue", place.height / 2.0, 0.0));
                if queues.joinable {
                    let inner = Place {
                        x: place.x + 3.0,
                        y: place.y + 3.0,
                        width: place.width - 6.0,
                        height: place.height - 6.0,
                    };
                    text.push_str(&rectangle(inner, "inner", inner.height / 2.0, 0.0));
                }
            }
        }
        let (x, middle) = place.middle();
        let mut y = middle - 8.0 * (lines.len() as f64 - 1.0) + 4.5;
        for (index, line) in lines.iter().enumerate() {
            let class = if index == 0 { "name" } else { "more" };
            text.push_str(&format!(
                "<text class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\">{}</text>\n",
                escaped(&cut(line))
            ));
            y += 16.0;
        }
        text.push_str("</g>\n");
    }

    fn draw_arrows(&self, arrangement: &Arrangement, text: &mut String) {
        for (&(_, _, meaning), points) in self.arrows.iter().zip(lines::lines(&self.arrows, arrangement)) {
            let (class, marker, word) = match meaning {
                Meaning::Items => ("arrow", "items", ""),
                Meaning::After => ("arrow after", "after", "after"),
                Meaning::Dead => ("arrow dead", "dead", "dead"),
            };
            let curve = lines::curve(&points);
            text.push_str(&format!(
                "<path class=\"{class}\" d=\"{curve}\" marker-end=\"url(#{marker})\"/>\n"
            ));
            if let (false, &[first, second, ..]) = (word.is_empty(), &points[..]) {
                let (x, y) = (f64::midpoint(first.0, second.0), f64::midpoint(first.1, second.1) + 3.5);
                text.push_str(&format!("<text class=\"word\" x=\"{x:.1}\" y=\"{y:.1}\">{word}</text>\n"));
            }
        }
    }
}

fn rectangle(place: Place, class: &str, radius: f64, behind: f64) -> String {
    let Place { x, y, width, height } = place;
    let (x, y) = (x + behind, y + behind);
    format!(
        "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{height:.1}\" rx=\"{radius:.1}\"/>\n"
    )
}

/// Room for all lines, whichever font the viewer has.
fn size(picture: &Picture, end: End) -> (f64, f64) {
    let lines = picture.lines(end);
    let widths = lines
        .iter()
        .enumerate()
        .map(|(index, line)| text_width(&cut(line), if index == 0 { 8.4 } else { 6.6 }));
    let widest = widths.fold(50.0, f64::max);
    let round = if matches!(end, End::Queue(_)) { 16.0 } else { 0.0 };
    (widest + 28.0 + round, 22.0 + 16.0 * lines.len() as f64)
}

/// Characters of East Asian scripts are twice as wide.
fn text_width(text: &str, each: f64) -> f64 {
    text.chars().map(|c| if c >= '\u{1100}' { 2.0 * each } else { each }).sum()
}

fn cut(line: &str) -> String {
    if line.chars().count() <= LINE_MAX {
        return line.to_owned();
    }
    line.chars().take(LINE_MAX - 1).chain(['…']).collect()
}

/// As text of an XML document; control characters are not allowed there at all.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push('\n'),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
