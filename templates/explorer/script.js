// What a reader chooses: settings of the grid, axes of the plot, and cells. Every view is drawn from that choice.
{
{% include "explorer/drawing.js" %}
{% include "explorer/cells.js" %}
{% include "explorer/curves.js" %}
{% include "explorer/choice.js" %}
}
