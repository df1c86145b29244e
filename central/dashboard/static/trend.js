// Draws the trend by day. Its figures stand in the page; without this file the table below them says the same.
"use strict";

(() => {
  const place = document.getElementById("trend");
  const block = document.getElementById("trend-figures");
  const said = document.getElementById("trend-said");
  if (!place || !block || typeof uPlot === "undefined") return;

  const points = JSON.parse(block.textContent).points;
  const at = points.map((_, index) => index);
  // Today is still counting: it is drawn apart from the line.
  const drawn = (field) => points.map((point) => (point.today ? null : point[field]));
  const columns = [at, drawn("value"), drawn("low"), drawn("high")];
  const silent = said.textContent;
  const lowest = Math.min(0, ...points.map((point) => point.low ?? 0));
  const floor = lowest < 0 ? -100 : 0;
  const minus = (number) => String(number).replace("-", "−");

  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const font = (size) => `${size}px Inter, system-ui, sans-serif`;

  function circle(plot, x, y) {
    const { ctx } = plot;
    ctx.beginPath();
    ctx.arc(x, y, 4.5 * devicePixelRatio, 0, 2 * Math.PI);
    ctx.fillStyle = colour("--surface");
    ctx.fill();
    ctx.lineWidth = 2 * devicePixelRatio;
    ctx.strokeStyle = colour("--ink");
    ctx.stroke();
  }

  // Days under 10 answers: a hollow mark on the floor with its n, no score.
  function few(plot) {
    const { ctx } = plot;
    let free = -Infinity;
    points.forEach((point, index) => {
      if (point.n === 0 || point.value !== null) return;
      const x = plot.valToPos(index, "x", true);
      const y = plot.valToPos(floor, "y", true) - 9 * devicePixelRatio;
      circle(plot, x, y);
      const text = `n ${point.n}`;
      ctx.font = font(13 * devicePixelRatio);
      const half = ctx.measureText(text).width / 2;
      if (x - half < free) return;
      ctx.fillStyle = colour("--second");
      ctx.textAlign = "center";
      ctx.textBaseline = "alphabetic";
      ctx.fillText(text, Math.min(x, plot.bbox.left + plot.bbox.width - half), y - 9 * devicePixelRatio);
      free = x + half + 4 * devicePixelRatio;
    });
  }

  function today(plot) {
    const index = points.length - 1;
    const point = points[index];
    if (!point || !point.today || point.value === null) return;
    const { ctx } = plot;
    const x = plot.valToPos(index, "x", true);
    ctx.beginPath();
    ctx.moveTo(x, plot.valToPos(point.low, "y", true));
    ctx.lineTo(x, plot.valToPos(point.high, "y", true));
    ctx.lineWidth = 4 * devicePixelRatio;
    ctx.strokeStyle = colour("--interval");
    ctx.stroke();
    circle(plot, x, plot.valToPos(point.value, "y", true));
  }

  function tell(plot) {
    const point = points[plot.cursor.idx ?? -1];
    if (!point || point.n === 0) {
      said.textContent = silent;
      return;
    }
    const score =
      point.value === null
        ? "too few answers for a score"
        : `${minus(point.value.toFixed(1))}, interval ${minus(point.low.toFixed(1))} to ${minus(point.high.toFixed(1))}`;
    said.textContent = `${point.said}${point.today ? ", so far" : ""}: ${score}, n ${point.n}`;
  }

  // Labels at the ends and between, as many as have room. The break of a long gap has none.
  function labelled(_, __, ___, ____, _____) {
    const room = Math.max(2, Math.floor(place.clientWidth / 92));
    const step = Math.max(1, Math.ceil((points.length - 1) / (room - 1)));
    const marks = [];
    for (let index = points.length - 1; index >= 0; index -= step) marks.unshift(index);
    return marks.filter((index) => points[index].n > 0);
  }

  function options() {
    const axis = {
      stroke: colour("--second"),
      font: font(14),
      grid: { stroke: colour("--hairline"), width: 1 },
      ticks: { show: false },
    };
    return {
      width: place.clientWidth,
      height: place.clientHeight,
      padding: [10, 22, 0, 0],
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
      scales: {
        x: { time: false, range: () => [-0.5, Math.max(points.length - 0.5, 0.5)] },
        y: { range: () => [floor, 100] },
      },
      axes: [
        {
          ...axis,
          size: 28,
          grid: { show: false },
          border: { show: true, stroke: colour("--edge"), width: 1 },
          splits: labelled,
          values: (_, splits) => splits.map((index) => (points[index].today ? "today" : points[index].label)),
        },
        { ...axis, size: 48, splits: () => (floor < 0 ? [-100, -50, 0, 50, 100] : [0, 50, 100]), values: (_, splits) => splits.map(minus) },
      ],
      series: [
        {},
        { stroke: colour("--accent"), width: 2.5, points: { size: 5, fill: colour("--accent") } },
        { stroke: "transparent", points: { show: false } },
        { stroke: "transparent", points: { show: false } },
      ],
      bands: [{ series: [3, 2], fill: colour("--band") }],
      hooks: { draw: [few, today], setCursor: [tell] },
    };
  }

  let plot = null;
  function draw() {
    if (plot) plot.destroy();
    plot = new uPlot(options(), columns, place);
    place.dataset.drawn = "true";
  }

  document.fonts.ready.then(draw);
  let width = place.clientWidth;
  new ResizeObserver(() => {
    if (plot && place.clientWidth !== width) draw();
    width = place.clientWidth;
  }).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
