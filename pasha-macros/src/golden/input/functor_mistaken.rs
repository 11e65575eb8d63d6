#[derive(Functor)]
enum Mistaken {
    Empty,
    Single(f64),
    Two(Vec<f64>, Vec<f64>),
}
