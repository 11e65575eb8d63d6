//! Plots on logarithmic axes, as SVG that is readable on light and on dark.

use std::fmt::Write;

/// A field of axes with its lines.
#[derive(Clone, Debug)]
pub struct Panel {
    /// What is shown.
    pub title: String,
    /// What lies along x.
    pub x: String,
    /// Its lines.
    pub lines: Vec<Line>,
}

/// Points that belong together.
#[derive(Clone, Debug)]
pub struct Line {
    /// What the legend says. Lines of one name look alike in all panels.
    pub name: String,
    /// Its look: 0 for what is there to compare (dashed), 1 for a plain one, 2 to 6 for steps of one colour.
    pub look: usize,
    /// Both coordinates greater than 0; y in seconds.
    pub points: Vec<(f64, f64)>,
}

/// Paper, ink, what is said softly, grid, the colour of what is plain, and the steps of one colour, those that stand out from the paper least first.
type Colours = [&'static str; 10];

const ON_LIGHT: Colours =
    ["#fcfcfb", "#1b1b1a", "#6b6a66", "#e3e2dd", "#c8561b", "#9cc3f2", "#5e9ae6", "#2a6fc9", "#174d96", "#0b2c5c"];
const ON_DARK: Colours =
    ["#1a1a19", "#f2f1ed", "#a5a49e", "#363632", "#f0904f", "#24508a", "#2f72c8", "#5b9bea", "#9cc4f5", "#dbe9fb"];

/// Without variables, which not every viewer knows. One that does not know `@media` either shows it on light.
fn style() -> String {
    format!(
        "text {{ font: 13px system-ui, sans-serif; }} .soft {{ font-size: 12px; }} .title {{ font-size: 17px; font-weight: 600; }}\n\
         .panel {{ font-weight: 600; }} .line {{ fill: none; stroke-width: 2; stroke-linejoin: round; }} .l0 {{ stroke-dasharray: 5 4; }}\n\
         {}@media (prefers-color-scheme: dark) {{\n{}}}\n",
        rules(ON_LIGHT),
        rules(ON_DARK)
    )
}

fn rules([paper, ink, soft, grid, looks @ ..]: Colours) -> String {
    let mut rules = format!(
        ".paper {{ fill: {paper}; }} text {{ fill: {ink}; }} .soft {{ fill: {soft}; }} .grid {{ stroke: {grid}; }} .dot {{ stroke: {paper}; }}\n"
    );
    for (look, colour) in [soft].into_iter().chain(looks).enumerate() {
        _ = writeln!(rules, ".l{look} {{ stroke: {colour}; }} .d{look} {{ fill: {colour}; }}");
    }
    rules
}

const SIZE: (f64, f64) = (400.0, 270.0);
const GAP: (f64, f64) = (80.0, 92.0);
const HEAD: f64 = 118.0;

/// Draws rows of panels, each row on one scale.
pub fn plot(title: &str, note: &str, rows: &[Vec<Panel>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0) as f64;
    let (width, height) = (columns * (SIZE.0 + GAP.0) + 20.0, HEAD + rows.len() as f64 * (SIZE.1 + GAP.1) - 20.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\">\n\
         <title>{title}</title>\n<style>\n{style}</style>\n<rect class=\"paper\" width=\"{width}\" height=\"{height}\" rx=\"8\"/>\n\
         <text class=\"title\" x=\"24\" y=\"34\">{title}</text>\n<text class=\"soft\" x=\"24\" y=\"54\">{note}</text>\n",
        title = escape(title),
        note = escape(note),
        style = style(),
    );
    legend(&mut svg, rows);
    for (row, panels) in rows.iter().enumerate() {
        let points = || panels.iter().flat_map(|panel| &panel.lines).flat_map(|line| &line.points);
        let x = Scale::over(points().map(|point| point.0), 0.0, SIZE.0);
        let y = Scale::over(points().map(|point| point.1), SIZE.1, 0.0);
        for (column, panel) in panels.iter().enumerate() {
            let left = GAP.0 + column as f64 * (SIZE.0 + GAP.0);
            let top = HEAD + row as f64 * (SIZE.1 + GAP.1);
            _ = writeln!(svg, "<g transform=\"translate({left} {top})\">");
            draw(&mut svg, panel, &x, &y);
            svg += "</g>\n";
        }
    }
    svg + "</svg>\n"
}

fn legend(svg: &mut String, rows: &[Vec<Panel>]) {
    let mut named: Vec<(&str, usize)> = Vec::new();
    for line in rows.iter().flatten().flat_map(|panel| &panel.lines) {
        if !named.contains(&(&line.name, line.look)) {
            named.push((&line.name, line.look));
        }
    }
    let mut x = 24.0;
    for (name, look) in named {
        _ = writeln!(
            svg,
            "<path class=\"line l{look}\" d=\"M{x} 77h26\"/><text x=\"{}\" y=\"81\">{}</text>",
            x + 32.0,
            escape(name)
        );
        x += 60.0 + 7.2 * name.chars().count() as f64;
    }
}

fn draw(svg: &mut String, panel: &Panel, x: &Scale, y: &Scale) {
    let (width, height) = SIZE;
    _ = writeln!(svg, "<text class=\"panel\" x=\"0\" y=\"-12\">{}</text>", escape(&panel.title));
    for decade in x.decades() {
        let at = x.place(10f64.powi(decade));
        _ = writeln!(svg, "<path class=\"grid\" d=\"M{at:.1} 0V{height}\"/>");
        let label = power(decade);
        _ = writeln!(
            svg,
            "<text class=\"soft\" x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{label}</text>",
            height + 18.0
        );
    }
    for decade in y.decades() {
        let at = y.place(10f64.powi(decade));
        _ = writeln!(svg, "<path class=\"grid\" d=\"M0 {at:.1}H{width}\"/>");
        let label = seconds(decade);
        _ = writeln!(svg, "<text class=\"soft\" x=\"-8\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>", at + 4.0);
    }
    let (middle, below) = (width / 2.0, height + 38.0);
    _ = writeln!(
        svg,
        "<text class=\"soft\" x=\"{middle}\" y=\"{below}\" text-anchor=\"middle\">{}</text>",
        escape(&panel.x)
    );
    for line in &panel.lines {
        let look = line.look;
        let places: Vec<(f64, f64)> = line.points.iter().map(|point| (x.place(point.0), y.place(point.1))).collect();
        let path: Vec<String> = places.iter().map(|(x, y)| format!("{x:.1} {y:.1}")).collect();
        _ = writeln!(
            svg,
            "<path class=\"line l{look}\" d=\"M{}\"><title>{}</title></path>",
            path.join("L"),
            escape(&line.name)
        );
        for (x, y) in places {
            _ = writeln!(svg, "<circle class=\"dot d{look}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>");
        }
    }
}

/// From powers of ten to places.
struct Scale {
    low: i32,
    high: i32,
    from: f64,
    to: f64,
}

impl Scale {
    /// Whole decades around all values.
    fn over(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let (least, most) = values.fold((f64::MAX, 0.0f64), |(least, most), value| (least.min(value), most.max(value)));
        // A power of ten is not always its own logarithm to the last bit.
        let low = (least.log10() + 1e-9).floor() as i32;
        Self { low, high: ((most.log10() - 1e-9).ceil() as i32).max(low + 1), from, to }
    }

    fn decades(&self) -> impl Iterator<Item = i32> {
        self.low..=self.high
    }

    fn place(&self, value: f64) -> f64 {
        self.from + (value.log10() - f64::from(self.low)) / f64::from(self.high - self.low) * (self.to - self.from)
    }
}

fn power(decade: i32) -> String {
    let raised = |digit: char| match digit {
        '-' => '⁻',
        '1' => '¹',
        '2' => '²',
        '3' => '³',
        digit => char::from_u32('⁰' as u32 + u32::from(digit) - u32::from('0')).unwrap_or(digit),
    };
    format!("10{}", decade.to_string().chars().map(raised).collect::<String>())
}

/// 10 to a power, of seconds.
fn seconds(decade: i32) -> String {
    let thousands = decade.div_euclid(3);
    let unit = match thousands {
        -4 => "ps",
        -3 => "ns",
        -2 => "µs",
        -1 => "ms",
        0 => "s",
        _ => return format!("{} s", power(decade)),
    };
    format!("{} {unit}", 10i32.pow(decade.rem_euclid(3) as u32))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
