import importlib.metadata

import flask
import flask.cli

try:
    import flask_cors, flask_talisman
except ImportError:
    pass

print("Flask", importlib.metadata.version("flask"), flush=True)


def told(file, name):
    """What `app.config` is, of the application that `flask run` finds."""
    flask.Flask.run = lambda *_, **__: None
    module = imported(file, name)
    app = flask.cli.find_best_app(module)
    return {"told": {key: shown_as(value) for key, value in app.config.items() if isinstance(key, str)}}


main()
