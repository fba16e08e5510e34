@tags approx=1e-12
@let T i8 u64 f32 f64 n nf d92
@let F stddevPop stddevSamp varPop varSamp stddevPopStable varSampStable skewPop kurtPop avgWeighted
SELECT {F}({T}) AS r FROM small WHERE id != 7 ;; maybe
SELECT g, {F}({T}) AS r FROM small WHERE id != 7 GROUP BY g ORDER BY g ;; ordered maybe
SELECT stddevPop(f), varSamp(f), stddevSamp(n) FROM empty_t
SELECT STDDEV_POP(k), VAR_SAMP(k), VAR_POP(k), STDDEV_SAMP(k) FROM small
SELECT corr(k, i32), covarPop(k, i32), covarSamp(k, i32) FROM small
SELECT simpleLinearRegression(k, i32) FROM small
SELECT avgWeighted(k, u8) FROM small
SELECT sumKahan(f64), sumWithOverflow(u8), sumCount(k) FROM small
SELECT entropy(g) FROM small
SELECT retention(k = 1, k = 2), windowFunnel(100000)(t, k = 1, k = 2, k = 3) FROM small
SELECT boundingRatio(id, f64) FROM small ;; maybe
SELECT deltaSum(k), deltaSumTimestamp(k, id) FROM (SELECT * FROM small ORDER BY id)
SELECT histogram(3)(k) FROM small ;; maybe
SELECT exponentialMovingAverage(2)(f64, id) FROM small
