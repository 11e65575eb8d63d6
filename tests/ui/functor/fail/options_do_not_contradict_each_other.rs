#[derive(pasha::Functor)]
struct Shots {
    _train_id: Vec<u64>,
    #[functor(axis = 1, skip)]
    _pixels: ndarray::Array2<f64>,
    #[functor(skip, broadcast)]
    _comment: String,
    #[functor(broadcast, axis = 0)]
    _gain: ndarray::Array1<f64>,
}

#[derive(pasha::Functor)]
#[functor(item = Shot)]
struct Newtype(Vec<f64>);

#[derive(pasha::Functor)]
#[functor(item = Shot)]
enum Choice {
    _A(Vec<f64>),
    _B([f64; 3]),
}

fn main() {}
