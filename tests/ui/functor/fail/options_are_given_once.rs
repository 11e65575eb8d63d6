#[derive(pasha::Functor)]
#[functor(item = Shot, item = Other)]
#[functor(crate = ::pasha, crate = ::pasha)]
struct Shots {
    _train_id: Vec<u64>,
    #[functor(axis = 1, axis = 1)]
    _pixels: ndarray::Array2<f64>,
    #[functor(skip, skip)]
    _comment: String,
    #[functor(broadcast)]
    #[functor(broadcast)]
    _gain: f64,
}

fn main() {}
