#[derive(pasha::Functor)]
enum Nothing {}

#[derive(pasha::Functor)]
enum Frames {
    Memory(Vec<f64>),
    Missing,
    Skipped(#[functor(skip)] String),
    Both(Vec<f64>, Vec<f64>),
    Named {
        _frames: Vec<f64>,
        #[functor(broadcast)]
        _gain: f64,
    },
}

fn main() {}
