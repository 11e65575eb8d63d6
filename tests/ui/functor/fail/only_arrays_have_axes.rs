#[derive(pasha::Functor)]
struct Shots {
    #[functor(axis = 1)]
    _train_id: Vec<u64>,
    #[functor(axis = 0)]
    _single: ndarray::Array0<f64>,
}

fn main() {}
