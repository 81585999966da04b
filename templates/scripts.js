{% include "texts.js" %}
{% include "report.js" %}
{% include "downloads.js" %}
{% include "address.js" %}
