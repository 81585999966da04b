{% include "texts.js" %}
{% include "report.js" %}
{% if explorer is defined and explorer %}{% include "explorer/script.js" %}{% endif %}
{% include "downloads.js" %}
{% include "address.js" %}
