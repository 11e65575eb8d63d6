#[derive(pasha::Functor)]
#[functor(unknown, item = "Shot")]
struct Shots {
    #[functor(axes = 1)]
    _train_id: Vec<u64>,
    #[functor(axis = 1, skip)]
    _pixels: ndarray::Array2<f64>,
    #[functor(broadcast, broadcast)]
    _gain: f64,
}

fn main() -> pasha::Result<()> {
    // A use of a mistaken functor is no further error.
    let shots = Shots { _train_id: vec![1], _pixels: ndarray::array![[1.0]], _gain: 1.0 };

    #[pasha::kernel]
    fn nothing(_worker_id: usize, _index: usize, _shot: ShotsItem<'_>) {}

    pasha::map(nothing {}, &shots)?;
    Ok(())
}
