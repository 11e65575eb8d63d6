#[derive(pasha::Functor)]
struct Unit;

#[derive(pasha::Functor)]
struct Empty {}

#[derive(pasha::Functor)]
struct AllSkipped {
    #[functor(skip)]
    _comment: String,
}

#[derive(pasha::Functor)]
struct Constants {
    #[functor(broadcast)]
    _gain: f64,
}

fn main() {}
