#[derive(pasha::Functor)]
struct Shots {
    #[functor(axis = "x")]
    _x: ndarray::Array2<f64>,
    #[functor(axis)]
    _y: ndarray::Array2<f64>,
    #[functor(axis = -1)]
    _z: ndarray::Array2<f64>,
    #[functor(axis = Axis(1))]
    _w: ndarray::Array2<f64>,
}

fn main() {}
