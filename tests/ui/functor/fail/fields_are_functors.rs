use std::collections::HashMap;

#[derive(pasha::Functor)]
struct Shots {
    _train_id: Vec<u64>,
    _comment: String,
    _gain: f64,
}

#[derive(pasha::Functor)]
struct Newtype(HashMap<u64, f64>);

#[derive(pasha::Functor)]
enum Choice {
    _Good(Vec<f64>),
    _Bad(f64),
}

fn main() {}
